#!/usr/bin/env bash
# Fetch what a bare machine may lack, for first_light.sh to carry: wheels of fixed versions.
#   bench/first_light_wheels.sh PYTHON_VERSION [FOLDER]     for instance 3.12; default folder: wheels
# Run it where there is a package index, for x86-64 Linux; fails above 60 MB.
set -euo pipefail
version=${1:?"which Python has the machine? for instance: $0 3.12"}
folder=${2:-$(cd "$(dirname "$0")/.." && pwd)/wheels}
packages=(
  numpy==2.4.6 numba-cuda==0.30.4 pillow==13.0.0 tqdm==4.70.1 filelock==4.3.1
  pytest==9.2.0 pluggy==1.7.0 iniconfig==2.3.1 packaging==26.4 pygments==2.21.0
  hypothesis==6.170.17 sortedcontainers==2.4.0 mpmath==1.4.1 nvidia-cuda-sanitizer-api==13.0.85
)
platforms=()
for name in manylinux_2_{35,31,28,27,25,24,17}_x86_64 manylinux2014_x86_64 manylinux1_x86_64; do
  platforms+=(--platform "$name")
done
mkdir -p "$folder"
rm -f "$folder"/*.whl
"${PYTHON:-python3}" -m pip download -q --no-deps --only-binary=:all: --implementation cp \
  --python-version "$version" "${platforms[@]}" -d "$folder" "${packages[@]}"
mb=$(($(cat "$folder"/*.whl | wc -c) / 1000000))
echo "${#packages[@]} wheels for Python $version, $mb MB, in $folder"
[ "$mb" -lt 60 ] || { echo "that is more than the 60 MB that may be carried" >&2; exit 1; }
