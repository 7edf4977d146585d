#!/bin/sh
# Makes the namespace if it is not there, and sets its retention. TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE come from the environment.
set -eu

retention=${RETENTION:-2160h}

within() { # SECONDS COMMAND...: repeat it until it succeeds
    left=$1
    shift
    until told=$("$@" 2>&1); do
        left=$((left - 1))
        if [ "$left" -le 0 ]; then
            printf 'namespace: %s\nRead the log of the service temporal, at %s.\n' "$told" "$TEMPORAL_ADDRESS" >&2
            exit 1
        fi
        sleep 1
    done
}

within 120 temporal operator cluster health
temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" >/dev/null 2>&1 ||
    temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention "$retention" \
        --description "Cases of Offramp" >/dev/null
# The server takes seconds to know a new namespace by itself; once it takes this, a worker may come.
within 30 temporal operator namespace update --namespace "$TEMPORAL_NAMESPACE" --retention "$retention"
echo "namespace: $TEMPORAL_NAMESPACE keeps closed runs for $retention"
