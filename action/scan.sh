#!/usr/bin/env bash
# The scan of the GitHub Action: inputs come as environment variables, outputs and the summary go into GitHub's files. The exit code of
# the scan is an output; this script fails only when there is no report.
set -euo pipefail

nephoscope="${CARGO_TARGET_DIR:-$GITHUB_ACTION_PATH/target}/release/nephoscope"
sarif="${INPUT_SARIF_FILE:-nephoscope.sarif}"
json="${INPUT_JSON_FILE:-nephoscope.json}"
human="$(mktemp)"
trap 'rm -f "$human"' EXIT

arguments=(scan -f "human=$human" -f "sarif=$sarif" -f "json=$json" --color never)
each_line() { # each_line VALUE FLAG: adds FLAG and every line of VALUE that is not empty
    local line
    while IFS= read -r line; do
        [ -z "$line" ] || arguments+=("$2" "$line")
    done <<<"$1"
}
each_line "${INPUT_POLICIES:-}" --policy
each_line "${INPUT_CONFIG:-}" --config
each_line "${INPUT_COMPLIANCE:-}" --compliance
each_line "${INPUT_FAIL_ON:-}" --fail-on
each_line "${INPUT_BASELINE:-}" --baseline
[ "${INPUT_NEW_ONLY:-false}" != true ] || arguments+=(--new-only)
while IFS= read -r line; do [ -z "$line" ] || arguments+=("$line"); done <<<"${INPUT_ARGS:-}"
arguments+=(--)
while IFS= read -r line; do [ -z "$line" ] || arguments+=("$line"); done <<<"${INPUT_PATH:-.}"

rm -f "$sarif" "$json"
code=0
"$nephoscope" "${arguments[@]}" || code=$?
cat "$human"

complete=false
findings=
if [ -s "$json" ]; then
    complete="$(jq -r .complete "$json")"
    findings="$(jq '[.summary.findings[]] | add' "$json")"
fi
{
    echo "sarif-file=$sarif"
    echo "json-file=$json"
    echo "complete=$complete"
    echo "findings=$findings"
    echo "exit-code=$code"
} >>"$GITHUB_OUTPUT"

# GitHub drops a summary over 1 MiB; names from the scanned files must not become markup.
{
    echo "### nephoscope"
    [ "$complete" = true ] || printf '\n**Incomplete: not everything that was asked for was read and evaluated.**\n'
    printf '\n<pre>\n'
    head -c 900000 "$human" | iconv -c -f UTF-8 -t UTF-8 | sed 's/&/\&amp;/g; s/</\&lt;/g; s/>/\&gt;/g'
    printf '\n</pre>\n'
} >>"$GITHUB_STEP_SUMMARY"
