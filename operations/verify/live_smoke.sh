#!/usr/bin/env bash
# Deploy a throw-away stack to real accounts, with the stand-in for TikTok; check it, sign in to it, and destroy it.
# It has the settings of the stack LIKE and a connection name of its own. LIKE and the selected stack stay as they are.
set -euo pipefail

like=${LIKE:?"Say whose accounts to use: make live-smoke LIKE=dev"}
stack=${STACK:-smoke-$(date +%Y%m%d%H%M%S)}

pulumi stack init "$stack" --copy-config-from "$like" --no-select
trap 'pulumi destroy --yes --stack "$stack" && pulumi stack rm --yes "$stack"' EXIT
pulumi config set connectionName "$stack" --stack "$stack"
pulumi config set protect false --stack "$stack"
pulumi config set tiktokStandIn true --stack "$stack"

"${PYTHON:-python3}" -m operations.verify "$stack" --preflight
pulumi up --yes --stack "$stack"
"${PYTHON:-python3}" -m operations.verify "$stack" --sign-in
