"""The pages on which somebody gives their browser a token: no script, nothing from elsewhere."""

from __future__ import annotations

from html import escape

from starter.codec.token import Token

HEADERS = (
    ("Content-Type", "text/html; charset=utf-8"),
    ("Content-Security-Policy", "default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"),
    ("X-Content-Type-Options", "nosniff"),
    # Not no-referrer: a browser would then hide where the form comes from.
    ("Referrer-Policy", "same-origin"),
)
_SETTING = "In Temporal's UI, open the settings of the codec server and include cross-origin credentials."


def asking() -> bytes:
    """The form for a token."""
    return _page(
        "Open payloads in Temporal's UI",
        "<p>Paste what <code>offramp codec token --as PERSON --for PURPOSE</code> printed. Each case that you then open is logged, and the person is told.</p>"
        '<form method="post" action="login"><input name="token" type="password" size="60" autocomplete="off" autofocus required> <button>Sign in</button></form>',
    )


def entered(token: Token) -> bytes:
    """What whoever signed in is told."""
    until = f"{token.until:%Y-%m-%d %H:%M} UTC"
    told = f"{escape(token.person)} reads for {escape(token.purpose)}, until {until}."
    leave = '<form method="post" action="logout"><button>Sign out</button></form>'
    return _page("Signed in", f"<p>{told}</p><p>{_SETTING}</p>{leave}")


def left() -> bytes:
    """What whoever signed out is told."""
    return _page("Signed out", '<p>This browser opens no payload any more. <a href="login">Sign in</a></p>')


def _page(title: str, body: str) -> bytes:
    return f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title><h1>{title}</h1>{body}</html>'.encode()
