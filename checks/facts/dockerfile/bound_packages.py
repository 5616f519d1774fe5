"""Packages of distributions that one release has and another may not, where commands name them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from checks.regex import regex
from checks.source.text import Span

_INSTALLS = regex(r"\b(?:apk|apt|apt-get|aptitude|yum|dnf|microdnf)\b[^;&|]*")
_LEFT = (
    r"gconf-service|iproute|libappindicator1|libasound2|libatlas-base-dev|libav-tools|libavresample-dev|libcurl3|libdc1394-22(?:-dev)?"
    r"|libegl1-mesa|libgconf-2-4|libgdk-pixbuf2\.0-(?:0|dev)|libgl1-mesa-glx|libgles2-mesa|libjasper(?:1|-dev)|libncursesw?5"
    r"|libopenblas-base|libpcre3(?:-dev)?|libpng12-(?:0|dev)|libqt4-dev|libqt5webkit5-dev|libqtwebkit4|libreadline[67]|libtinfo5|lsb-core"
    r"|mime-support|netcat|ntp|ntpdate|phantomjs|policykit-1|qt[45]-default|realpath|ttf-(?:dejavu|freefont|liberation)|wkhtmltopdf"
)
"""Packages that are in older releases of Debian or Ubuntu, and neither in Debian 13 nor provided there by one other.

https://packages.debian.org/trixie/allpackages, https://bugs.debian.org/1036884 (`libasound2`: two packages provide it)
"""
BOUND_PACKAGE = regex(
    r"(?<=[\s\"'=])(?!-)(?:[\w.+-]+=\d[\w.:~+-]*"
    r"|(?:python2|python3\.\d|python-(?!apt-common|babel-localedata|(?:dev-)?is-python3)[a-z]|openjdk-?\d|php\d|php-opcache|postgresql-?(?:client-?|server-dev-)?\d|nodejs-?\d"
    r"|(?:llvm|clang|lld|gcc|g\+\+|gfortran)-?\d|lib(?:ssl|crypto)\d\.|lib(?:icu|ffi|webp|tiff|protobuf|mysqlclient)\d)[\w.+-]*"
    rf"|(?:{_LEFT})(?![\w.+-])"
    r"|python(?![\w.+-]|[ \t]+(?:-[cmu]\b|\S{1,200}\.py\b)))"
)
"""A package that is held to a version, is named with one, or has left distributions.

https://release.debian.org/transitions/
https://wiki.debian.org/Python/2Removal (`python` and `python-…`: of Python 2)
"""
_SHELL_VARIABLE = regex(r"\$\{?([A-Za-z_]\w*)")


def lists_of_packages(script: str, start: int) -> Iterator[Span]:
    """Where a script that begins at an offset names what it installs, also in the variables that it takes the names from."""
    installs = list(_INSTALLS.finditer(script))
    variables = {name for one in installs for name in _SHELL_VARIABLE.findall(one[0])}
    values = _values_of(variables).finditer(script) if variables else ()
    for one in (*installs, *values):
        yield Span(start + one.start(), start + one.end())


def _values_of(variables: Collection[str]) -> re.Pattern[str]:
    """How a command gives some variables of the shell lists between quotes."""
    return re.compile(rf"(?<![\w$])(?:{'|'.join(sorted(variables))})=(?:\"[^\"]*\"|'[^']*')")
