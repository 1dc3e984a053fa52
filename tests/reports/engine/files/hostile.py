"""Texts that have broken files elsewhere, and columns to hold them."""

from __future__ import annotations

from hypothesis import strategies as st

from reports.engine.files.columns import FileColumn

FORMULAS = [
    "=1+1",
    "=cmd|' /C calc'!A0",
    "+44 20",
    "-2",
    "@SUM(A1)",
    "\t=1",
    "\ttab",
    "\rreturn",
    "\nline",
    "＝1",
    "＋1",
    "－1",
    "＠x",
    "  =1",
    "\u00a0=1",
    "\u200b=1",
    "\ufeff=1",
    "\u3000＝1",
]
HARMLESS = [
    "Commissioned",
    "1012345678901",
    "00-11-22-33-44-55-66-77",
    "é=1",
    "a=1",
    "_x0041_",
    "😀",
    "'=1",
    "(=1)",
    " spaced ",
    "~",
    "{}",
    "",
]
ODD = [
    'say "hello"',
    "two\nlines",
    "two\r\nlines",
    "two\rlines",
    "a,b;c\td",
    "back\\slash \\N \\t \\.",
    "\\N",
    "\\.",
    "</c></row>",
    "]]>",
    "&amp;",
    "a & b < c > d",
    ':"\\N"',
    "_x000D_ _x0041_",
    "𝔘𝔫𝔦 👩‍👩‍👧 e\u0301",
    " lead",
    "trail ",
    "   ",
    "\u2028\u2029\x85",
    "0000123",
    "1e5",
    "2024-01-01",
    "TRUE",
    "#N/A",
]
FORBIDDEN_IN_XML = ["bell\x07", "\x01", "es\x1bcape", "form\ffeed", "v\vtab", "\ufffe", "a\uffffb"]

ALL = FORMULAS + HARMLESS + ODD + FORBIDDEN_IN_XML

TWO_TEXTS = [FileColumn("device_id", "Device ID", "text"), FileColumn("remark", "Remark", "text")]

# What PostgreSQL can hold as text: all of Unicode but NUL and lone surrogates.
texts = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20
) | st.sampled_from(ALL)
rows_of_two_texts = st.lists(st.tuples(texts | st.none(), texts | st.none()), max_size=12)
