"""The door of the codec server: what each request is answered, by HTTP's rules, a browser's rules, and whose token it bears.

Temporal's command line sends a token in a header. Its UI sends none of ours, so a browser keeps the token as a cookie, which the page `/login`
sets and no script can read. Then a request must come from the UI's own origin and be JSON: no other page can make a browser send that.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from http.cookies import CookieError, SimpleCookie
from typing import NamedTuple
from urllib.parse import parse_qs

import psycopg
import structlog
from psycopg_pool import PoolTimeout

from activities.codec import Form
from starter.codec import form, page
from starter.codec.decode import Decoded, Decoder
from starter.codec.token import Token, believed
from workflows.core.refusal import Refused

COOKIE = "offramp_codec"
_PREFLIGHT_SECONDS = 600
_STATUS = {
    "token_missing": 401,
    "token_unusable": 401,
    "token_expired": 401,
    "malformed": 400,
    "too_many_payloads": 413,
    "too_many_cases": 413,
    "not_json": 415,
    "namespace_missing": 400,
    "unknown_path": 404,
    "unknown_method": 405,
}
"""Refusal → HTTP status; 403 for every other."""


class Request(NamedTuple):
    """What came: header names are in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def last(self) -> str:
        """The last part of the path: all that counts, so that the server may stand behind any other (Temporal's protocol)."""
        return self.path.partition("?")[0].rpartition("/")[2]


class Answer(NamedTuple):
    """What goes back."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()


class Door:
    """Answers requests.

    Args:
        decoder: opens payloads.
        key: signs tokens.
        namespace: the namespace of Temporal whose payloads these are.
        origins: where Temporal's UI is served, e.g. `http://127.0.0.1:7401`; no other page of a browser is answered.
        secure: it is reached by TLS.
    """

    def __init__(
        self, decoder: Decoder, *, key: bytes, namespace: str, origins: frozenset[str], secure: bool = False
    ) -> None:
        self._decoder, self._key, self._namespace, self._origins = decoder, key, namespace, origins
        self._scheme, self._secure = ("https", "; Secure") if secure else ("http", "")

    async def answer(self, request: Request) -> Answer:
        """What this request is answered; never raises because of what came."""
        begun, told = time.monotonic(), Decoded([], 0)
        try:
            found, told = await self._served(request)
            code = "ok"
        except Refused as refused:
            found, code = refusal(_STATUS.get(refused.code, 403), refused), refused.code
        except (psycopg.Error, PoolTimeout) as error:
            code = "log_unavailable"
            found = refusal(503, Refused(code, f"the database does not answer ({type(error).__name__}), and nothing is shown that is not on record", "see that it runs, then try again"))  # fmt: skip
        structlog.get_logger("offramp.codec").info(
            "answered",
            endpoint=request.last if request.last in _PATHS else "other",
            code=code,
            outcome=found.status,
            count=told.opened,
            seconds=round(time.monotonic() - begun, 4),
        )
        return found._replace(headers=(*found.headers, *self._to_a_page(request)))

    async def _served(self, request: Request) -> tuple[Answer, Decoded]:
        nothing = Decoded([], 0)
        match request.method, request.last:
            case "OPTIONS", "decode" | "encode":
                self._require_origin(request)
                return Answer(204, headers=_PREFLIGHT), nothing
            case "POST", "decode":
                decoded = await self._decoder.decode(*self._asked(request))
                return Answer(200, form.written(decoded.forms), _JSON), decoded
            case "POST", "encode":
                raise Refused(
                    "not_encoded",
                    "nothing is sealed here: what a case is told goes through the door, which records it",
                    "send it with 'offramp case do'",
                )
            case "GET" | "HEAD", "login":
                return Answer(200, page.asking(), page.HEADERS), nothing
            case "POST", "login":
                return self._signed_in(request), nothing
            case "POST", "logout":
                self._require_own_page(request)
                return Answer(200, page.left(), (*page.HEADERS, self._cookie("", seconds=0))), nothing
            case _, path if path in _PATHS:
                raise Refused("unknown_method", f"{path} does not take this method", "see Temporal's protocol of codec servers")  # fmt: skip
            case _:
                raise Refused("unknown_path", "there is nothing at this path", "POST to /decode, or open /login in a browser")  # fmt: skip

    def _asked(self, request: Request) -> tuple[list[Form], Token]:
        self._require_origin(request)
        token = self._token(request)
        _require_type(request, "application/json")
        namespace = request.headers.get("x-namespace")
        if namespace is None:
            raise Refused("namespace_missing", "the header X-Namespace is missing", "send the namespace of Temporal")
        if namespace != self._namespace:
            raise Refused(
                "other_namespace",
                "this server opens payloads of another namespace",
                f"ask for {self._namespace}, or start a codec server with that namespace's settings",
            )
        return form.parse(request.body), token

    def _token(self, request: Request) -> Token:
        """Who asks.

        Raises:
            Refused: `token_missing`, `token_unusable`, `token_expired`, `origin_missing`.
        """
        given = request.headers.get("authorization")
        if given is not None:
            scheme, _, text = given.partition(" ")
            return believed(self._key, text.strip() if scheme.lower() == "bearer" else "", now=datetime.now(UTC))
        kept = _cookie_of(request)
        if kept is None:
            raise Refused(
                "token_missing",
                "the request says nothing of who asks",
                "give --codec-auth 'Bearer TOKEN'; in a browser open /login here, and in the UI's codec settings include cross-origin credentials",
            )
        if "origin" not in request.headers:
            raise Refused("origin_missing", "a cookie counts only with the origin of the page that asks", "use a browser, or give the token in the header Authorization")  # fmt: skip
        return believed(self._key, kept, now=datetime.now(UTC))

    def _signed_in(self, request: Request) -> Answer:
        self._require_own_page(request)
        _require_type(request, "application/x-www-form-urlencoded")
        try:
            fields = parse_qs(request.body.decode("ascii"), strict_parsing=True, max_num_fields=2)
        except ValueError:
            fields = {}
        text, now = fields.get("token", [""])[0].strip(), datetime.now(UTC)
        token = believed(self._key, text, now=now)
        cookie = self._cookie(text, seconds=int((token.until - now).total_seconds()))
        return Answer(200, page.entered(token), (*page.HEADERS, cookie))

    def _cookie(self, text: str, *, seconds: int) -> tuple[str, str]:
        # Cookies know no port: the path keeps it from whatever else this host serves, the UI among it.
        told = f"{COOKIE}={text}; Path=/decode; Max-Age={seconds}; HttpOnly; SameSite=Strict{self._secure}"
        return "Set-Cookie", told

    def _require_origin(self, request: Request) -> None:
        origin = request.headers.get("origin")
        if origin is not None and origin not in self._origins:
            raise Refused(
                "other_origin",
                "the page that asks is not served from where Temporal's UI is",
                "name its origin with --ui-origin, exactly as the browser's address line shows it, if it is the UI",
            )

    def _require_own_page(self, request: Request) -> None:
        if request.headers.get("origin") != f"{self._scheme}://{request.headers.get('host')}":
            raise Refused("other_origin", "this form was not sent from this server's own page", "open /login here, and send it from there")  # fmt: skip

    def _to_a_page(self, request: Request) -> tuple[tuple[str, str], ...]:
        """What a browser must read to hand the answer to the UI's page."""
        origin = request.headers.get("origin")
        if origin is None or origin not in self._origins:
            return (("Vary", "Origin"),)
        allowed = (("Access-Control-Allow-Origin", origin), ("Access-Control-Allow-Credentials", "true"))
        return (("Vary", "Origin"), *allowed)


def refusal(status: int, refused: Refused) -> Answer:
    """A refusal as JSON: its code, why, and what to do."""
    told = json.dumps({"code": refused.code, "why": refused.why, "cure": refused.cure}).encode()
    challenge = (("WWW-Authenticate", "Bearer"),) if status == 401 else ()
    return Answer(status, told, (*_JSON, *challenge))


def _cookie_of(request: Request) -> str | None:
    try:
        found = SimpleCookie(request.headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return None
    return None if found is None else found.value


def _require_type(request: Request, wanted: str) -> None:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != wanted:
        raise Refused("not_json", f"the body is not declared as {wanted}", f"send Content-Type: {wanted}")


_PATHS = frozenset({"decode", "encode", "login", "logout"})
_JSON = (("Content-Type", "application/json"),)
_PREFLIGHT = (
    ("Access-Control-Allow-Methods", "POST"),
    ("Access-Control-Allow-Headers", "Authorization, Content-Type, X-Namespace"),
    ("Access-Control-Max-Age", str(_PREFLIGHT_SECONDS)),
)
