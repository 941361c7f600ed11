#!/bin/bash
# From the API's protobuf files: TypeScript for the sources, and the descriptors, with comments, that reflection serves. Both are built, not
# committed. Other people's files come from npm packages and are laid out as their imports name them. `stage` does only that; `breaking` compares the
# API with its committed baseline, which `baseline` writes: by whoever publishes a version.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
PATH=$PWD/node_modules/.bin:$PATH

PUBLIC=.cache/proto

stage() {
  rm -rf "$PUBLIC"
  local google=node_modules/google-proto-files file
  for file in api/{annotations,client,field_behavior,field_info,http,launch_stage,resource} longrunning/operations rpc/{code,error_details,status}; do
    install -D -m 644 "$google/google/$file.proto" "$PUBLIC/google/$file.proto"
  done
  install -D -m 644 node_modules/grpc-health-check/proto/health/v1/health.proto "$PUBLIC/grpc/health/v1/health.proto"
  install -D -m 644 node_modules/@grpc/reflection/build/proto/grpc/reflection/v1/reflection.proto "$PUBLIC/grpc/reflection/v1/reflection.proto"
}

stage

BASELINE=services/common/proto/baseline.binpb
case ${1:-} in
  stage) exit 0 ;;
  breaking) exec buf breaking --against "$BASELINE" --exclude-imports ;;
  # Without the comments: they may change at any time.
  baseline) exec buf build --exclude-source-info --path services/common/proto/novalet -o "$BASELINE" ;;
esac
buf generate
mkdir -p dist/services/common/proto
buf build --as-file-descriptor-set -o dist/services/common/proto/descriptors.binpb
