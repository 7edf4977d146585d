#!/bin/sh
# Makes the namespace if it is not there, and keeps its retention. TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE come from the environment.
set -eu

retention=${RETENTION:-2160h}

tries=0
until temporal operator cluster health >/dev/null 2>&1; do
    tries=$((tries + 1))
    if [ "$tries" -ge 60 ]; then
        echo "namespace: Temporal did not answer at $TEMPORAL_ADDRESS within two minutes; read the log of the service temporal" >&2
        exit 1
    fi
    sleep 2
done
if temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" >/dev/null 2>&1; then
    temporal operator namespace update --namespace "$TEMPORAL_NAMESPACE" --retention "$retention" >/dev/null
else
    temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention "$retention" \
        --description "Cases of Offramp" >/dev/null
fi
echo "namespace: $TEMPORAL_NAMESPACE keeps closed runs for $retention"
