#!/usr/bin/env bash
# The first minutes of a bare Linux machine with a GPU and no network: see first_light.md.
#   bench/first_light.sh [FOLDER]        results; default: first-light
# Environment: PYTHON (python3), WHEELS (folder; default: wheels beside the repository's files),
#   STAGES (which, in order), LIMITS ("equality=60 gpu=90", seconds), TESTS (pytest's arguments).
# Every stage leaves its file before the next begins; one that fails or hangs stops no other.
set -u -o pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
out=${1:-first-light}
mkdir -p "$out" && out=$(cd "$out" && pwd) || exit 1
python=${PYTHON:-python3}
wheels=${WHEELS:-$root/wheels}
order=(packages env hello equality gpu sanitizer profile)
declare -A limit=([packages]=30 [env]=20 [hello]=70 [equality]=120 [gpu]=160 [sanitizer]=70 [profile]=50)
declare -A fixed=()
read -r -a chosen <<<"${STAGES:-${order[*]}}"
for word in ${LIMITS:-}; do
  limit[${word%%=*}]=${word#*=}
  fixed[${word%%=*}]=1
done
tests=${TESTS:-tests/test_on_gpu.py}
log=$out/log.txt
: >"$log"

site=$(mktemp -d)
trap 'rm -rf "$site"' EXIT
cd "$root" || exit 1
export PYTHONPATH=$site${PYTHONPATH:+:$PYTHONPATH} PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
export FIRST_LIGHT_SITE=$site
# Kernels for the CPU are compiled once for all stages.
export NUMBADP_CACHE=1 NUMBADP_CACHE_DIR=${NUMBADP_CACHE_DIR:-$site/kernels}
# The toolkit's compiler, where no package brings one: the first folder that has it.
nvcc=$(readlink -f "$(command -v nvcc || echo /nowhere/bin/nvcc)")
for home in "${CUDA_HOME:-}" "${CUDA_PATH:-}" "${nvcc%/bin/nvcc}" /usr/local/cuda /usr/local/cuda-*; do
  [ -n "$home" ] || continue
  if compgen -G "$home/nvvm/lib*/libnvvm.so*" || compgen -G "$home/lib*/libnvvm.so*"; then
    export CUDA_HOME=$home CUDA_PATH=$home
    break
  fi
done >/dev/null

lines=()
unused=0 # seconds that earlier stages left over
failed=0

summary() { # what runs now, or nothing
  local text="" line
  for line in "${lines[@]+"${lines[@]}"}"; do text+="${text:+,}"$'\n'"  $line"; done
  printf '{"running": "%s", "seconds": %d, "stages": [%s\n]}\n' "$1" "$SECONDS" "$text" \
    >"$out/summary.json.part"
  mv "$out/summary.json.part" "$out/summary.json"
}

stage() { # name, command
  local name=$1 most=${limit[$1]} began=$SECONDS rc status took
  shift
  [ -n "${fixed[$name]:-}" ] || most=$((most + unused))
  summary "$name"
  printf '\n=== %s, at most %d s\n' "$name" "$most" | tee -a "$log"
  FIRST_LIGHT_SECONDS=$most timeout -k 2 "$most" "$@" 2>&1 </dev/null | tee -a "$log"
  rc=${PIPESTATUS[0]}
  took=$((SECONDS - began))
  case $rc in
    0) status=ok ;;
    124 | 137) status="timed out" ;;
    *) status=failed ;;
  esac
  [ "$rc" = 0 ] || failed=1
  [ "$took" -ge "$most" ] || unused=$((most - took))
  [ "$took" -lt "$most" ] || unused=0
  lines+=("{\"stage\": \"$name\", \"status\": \"$status\", \"exit\": $rc, \"seconds\": $took, \"limit\": $most}")
  printf '=== %s: %s, %d s\n' "$name" "$status" "$took" | tee -a "$log"
  summary ""
}

install_packages() {
  local needed
  mapfile -t needed < <("$python" -m bench.first_light_packages "$wheels")
  [ ${#needed[@]} = 0 ] && echo "nothing to take from wheels" && return
  printf 'taken from wheels: %s\n' "${needed[@]##*/}"
  "$python" -m pip install -q --no-index --no-deps --no-compile --no-cache-dir \
    --target "$site" "${needed[@]}"
}

for name in "${chosen[@]}"; do
  case $name in
    packages)
      export -f install_packages
      export python wheels site
      stage packages bash -c install_packages
      ;;
    equality)
      FIRST_LIGHT_REPORT=$out/equality.json stage equality "$python" -m pytest -q -m gpu \
        -p bench.first_light_report -p no:cacheprovider -o filterwarnings=default $tests
      ;;
    gpu) stage gpu "$python" -m bench gpu --json "$out/gpu.json" ;;
    env | hello | sanitizer | profile) stage "$name" "$python" -m bench.first_light "$name" "$out/$name.json" ;;
    *) echo "no stage is called '$name'" >&2 && failed=1 ;;
  esac
done
printf '\n' && cat "$out/summary.json"
exit "$failed"
