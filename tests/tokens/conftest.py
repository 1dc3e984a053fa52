"""The same world as the API's tests."""

from tests.api.conftest import api_world, brisk

__all__ = ["api_world", "brisk"]
