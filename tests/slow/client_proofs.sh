#!/usr/bin/env bash
# Each client case is proved: the flaws in tests/interop/clients/proofs.txt must be seen by the cases
# that they name, and no case may be missing there.
source "$(dirname "$0")/../e2e/lib.sh"
exec node "$root/tests/interop/clients/prove.mjs" "$root"
