"""What the stack says when it cannot do its work."""


class StackError(Exception):
    """The stack cannot start or go on.

    `what` names the thing that is wrong and where; `cure` is what the person at the keyboard can do about it.
    """

    def __init__(self, what: str, cure: str) -> None:
        super().__init__(f"{what} {cure}")
        self.what = what
        self.cure = cure
