# The C++ files that are ours to format, in CXX_FILES. Sourced at the root of the repository.
mapfile -d '' -t CXX_FILES < <(find bindings/src \( -name '*.cc' -o -name '*.h' \) -print0 | sort -z)
