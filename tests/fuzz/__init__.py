"""Every parser at a door under a coverage-guided fuzzer (atheris): `python -m tests.fuzz --seconds N [target ...]`.

`targets.py` names each parser, what it reads when all is well, and the errors in which it says no: anything else that comes out of it, more than a
second of the processor for one input, or more than 256 MB, is a crash. What crashed once is kept under `found/` and is read again by `test_fuzz.py`.
"""
