"""One city for all tests of the simulator: making it takes about 2 s."""

import pytest

from dashboard.simulate.city import City, city


@pytest.fixture(scope="session")
def ningchuan() -> City:
    return city(7)
