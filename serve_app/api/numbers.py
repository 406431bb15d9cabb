"""Whole numbers and switches of JSON bodies, as JSON Schema has them: 3 and 3.0, not "3" and not true."""

from typing import Annotated, Any

from pydantic import BeforeValidator

LARGEST = 2**53 - 1  # the largest that JSON carries exactly everywhere


def only_number(value: Any) -> Any:
    if isinstance(value, bool | str):
        raise ValueError("must be a number")  # noqa: TRY004 - pydantic answers ValueErrors
    return value


def only_switch(value: Any) -> Any:
    if not isinstance(value, bool):
        raise ValueError("must be true or false")  # noqa: TRY004 - pydantic answers ValueErrors
    return value


ONLY_NUMBER = BeforeValidator(only_number)
Whole = Annotated[int, ONLY_NUMBER]
