# Shows that something long is still at work, and what it said when it fails. Sourced.

# with_progress WHAT COMMAND [ARG...]: runs COMMAND with its output kept aside. Says what it does and how long it took; prints the
# output when it fails, and gives its exit code.
with_progress() {
  local what=$1 log began=$SECONDS code=0 pid ticks=0
  shift
  log=$(mktemp)
  set -m # a process group of its own, so that an interrupt ends all of it
  "$@" >"$log" 2>&1 </dev/null &
  pid=$!
  set +m
  trap 'kill -- -"$pid" 2>/dev/null || true; rm -f "$log"; exit 130' INT TERM
  if [ -t 2 ]; then
    while kill -0 "$pid" 2>/dev/null; do
      printf '\r\033[K  %s … %d s  \033[2m%.90s\033[0m' "$what" $((SECONDS - began)) "$(last_words "$log")" >&2
      sleep 0.3
    done
    printf '\r\033[K' >&2
  else
    echo "  $what …" >&2
    while kill -0 "$pid" 2>/dev/null; do
      sleep 0.3
      ticks=$((ticks + 1))
      if [ $((ticks % 50)) = 0 ]; then echo "    $((SECONDS - began)) s: $(last_words "$log" | cut -c1-110)" >&2; fi
    done
  fi
  wait "$pid" || code=$?
  trap - INT TERM
  if [ "$code" = 0 ]; then
    echo "  $what: done in $((SECONDS - began)) s" >&2
  else
    echo "  $what: failed after $((SECONDS - began)) s; it said:" >&2
    tail -n 60 "$log" | sed 's/^/    /' >&2
  fi
  rm -f "$log"
  return "$code"
}

# The last line of a log that has words in it, without what would move the cursor.
last_words() {
  tail -c 2000 "$1" | tr '\r' '\n' | grep -a '[[:alnum:]]' | tail -n 1 | tr -cd '[:print:]' || true
}
