"""What can go wrong between the user and the platform, typed.

ApiError                     what happened (`sentence`) and what to do (`next`)
├── BadSetting               a setting that cannot be used, such as an unknown profile
│   ├── UnknownProfile       a name that no profile has
│   ├── BadUrl               a base URL that keys must not be sent to
│   └── BadKey               text that cannot be a key, or not one of this kind
├── NoKey                    no key for this operation
├── KeyringError             the keyring is absent, locked, silent or forgets
├── ReadOnly                 a write, refused before it left
├── BadRequest               a request that cannot be put together, such as one for an empty id
├── LinkError                no answer: refused, dns, tls, timeout, cut, proxy
├── BadAnswer                an answer that is not what the API sends
├── Redirected               an answer that points elsewhere
├── StatusError              an answer that says no
│   ├── Unauthorized         401
│   │   └── KeyNotSent       401 where the profile says that no key is sent
│   ├── Forbidden            403, and a 401 for want of a scope
│   ├── NotFound             404
│   │   └── PlaceLost        404 for a later page of a list
│   ├── Conflict             409
│   ├── NotServed            405, 501, 404 for a whole list: not on this server
│   │   └── NoVersion        404 for a whole list, and the base URL ends with no version
│   │   └── LeftOut          known of the kind of server, and not asked for
│   ├── NotRecorded          any: a replay has no answer
│   ├── Invalid              400, 422 and other refusals
│   ├── RateLimited          429: later
│   ├── QuotaExceeded        429: not before somebody pays
│   └── ServerError          5xx
├── OutcomeUnknown           a write that may or may not have been done
├── NotDone                  a write that was answered, and not done
└── LocalFileError           a file on this machine that cannot be read or written
"""

from tui.api.errors.answers import BadAnswer, BadAnswerFault, LinkError, LinkFault, Redirected
from tui.api.errors.base import ApiError
from tui.api.errors.calls import (
    TAKEOUT,
    BadRequest,
    NotDone,
    OutcomeUnknown,
    ReadOnly,
    advise_writing,
    explain_read_only,
)
from tui.api.errors.files import LocalFileError
from tui.api.errors.settings import VARIABLES, BadKey, BadSetting, BadUrl, KeyringError, NoKey, UnknownProfile
from tui.api.errors.statuses import (
    Conflict,
    Forbidden,
    Invalid,
    KeyNotSent,
    LeftOut,
    NotFound,
    NotRecorded,
    NotServed,
    NoVersion,
    PlaceLost,
    QuotaExceeded,
    RateLimited,
    ServerError,
    StatusError,
    Unauthorized,
    is_official,
)

__all__ = [
    "TAKEOUT",
    "VARIABLES",
    "ApiError",
    "BadAnswer",
    "BadAnswerFault",
    "BadKey",
    "BadRequest",
    "BadSetting",
    "BadUrl",
    "Conflict",
    "Forbidden",
    "Invalid",
    "KeyNotSent",
    "KeyringError",
    "LeftOut",
    "LinkError",
    "LinkFault",
    "LocalFileError",
    "NoKey",
    "NoVersion",
    "NotDone",
    "NotFound",
    "NotRecorded",
    "NotServed",
    "OutcomeUnknown",
    "PlaceLost",
    "QuotaExceeded",
    "RateLimited",
    "ReadOnly",
    "Redirected",
    "ServerError",
    "StatusError",
    "Unauthorized",
    "UnknownProfile",
    "advise_writing",
    "explain_read_only",
    "is_official",
]
