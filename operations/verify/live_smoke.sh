#!/usr/bin/env bash
# Deploy a throw-away stack to real accounts, with the stand-in for TikTok; check it, sign in to it, and destroy it.
# It has the settings of the stack LIKE and a connection name of its own. LIKE and the selected stack stay as they are.
set -euo pipefail

like=${LIKE:?"Say whose accounts to use: make live-smoke LIKE=dev"}
stack=${STACK:-smoke-$(date +%Y%m%d%H%M%S)}
selected=$(pulumi stack --show-name 2>/dev/null || true)

clean_up() {
  pulumi destroy --yes --stack "$stack" && pulumi stack rm --yes "$stack"
  # `stack rm` unselects whatever is selected.
  if [ -n "$selected" ]; then pulumi stack select "$selected"; fi
}

pulumi stack init "$stack" --copy-config-from "$like" --no-select
trap clean_up EXIT
pulumi config set connectionName "$stack" --stack "$stack"
pulumi config set protect false --stack "$stack"
pulumi config set tiktokStandIn true --stack "$stack"

"${PYTHON:-python3}" -m operations.verify "$stack" --preflight
pulumi up --yes --stack "$stack"
"${PYTHON:-python3}" -m operations.verify "$stack" --sign-in
