#!/usr/bin/env bash
# A throw-away stack on real accounts, with the stand-in for TikTok: asked for, deployed, signed in to, compared, destroyed.
# It takes the settings of the stack LIKE, and a connection name of its own; nothing of LIKE is touched.
set -euo pipefail

like=${LIKE:?"Say whose accounts to use: make live-smoke LIKE=dev"}
stack=${STACK:-smoke-$(date +%Y%m%d%H%M%S)}

pulumi stack init "$stack" --copy-config-from "$like"
trap 'pulumi destroy --yes --stack "$stack" && pulumi stack rm --yes "$stack"' EXIT
pulumi config set connectionName "$stack" --stack "$stack"
pulumi config set protect false --stack "$stack"
pulumi config set tiktokStandIn true --stack "$stack"

"${PYTHON:-python3}" -m operations.verify "$stack" --preflight
pulumi up --yes --stack "$stack"
"${PYTHON:-python3}" -m operations.verify "$stack" --sign-in
