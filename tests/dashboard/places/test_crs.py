"""Coordinate conversions against published pairs (wandergis/coordtransform) and against their own inverse."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.places import crs

METRE = 1 / 111_320


def test_published_pairs() -> None:
    assert crs.wgs84_to_gcj02(116.404, 39.915) == pytest.approx((116.41024449916938, 39.91640428150164), abs=1e-9)
    assert crs.gcj02_to_bd09(116.404, 39.915) == pytest.approx((116.41036949371029, 39.92133699351021), abs=1e-9)
    # the published inverses take one step only and are themselves off by up to a metre
    assert crs.gcj02_to_wgs84(116.404, 39.915) == pytest.approx((116.39775550083061, 39.91359571849836), abs=1.5 * METRE)
    assert crs.bd09_to_gcj02(116.404, 39.915) == pytest.approx((116.39762729119315, 39.90865673957631), abs=1.5 * METRE)


def test_the_shift_here_is_about_500_m() -> None:
    lon, lat = crs.wgs84_to_gcj02(118.78, 32.04)
    assert 450 < np.hypot((lon - 118.78) * np.cos(np.radians(32)), lat - 32.04) / METRE < 650


@given(st.floats(75, 135), st.floats(5, 53), st.sampled_from([("gcj02", crs.wgs84_to_gcj02), ("bd09", crs.wgs84_to_bd09)]))
def test_the_inverse_is_good_to_a_centimetre(lon: float, lat: float, system: tuple) -> None:
    name, there = system
    assert crs.to_wgs84(*there(lon, lat), name) == pytest.approx((lon, lat), abs=0.01 * METRE)


@pytest.mark.parametrize(("lon", "lat"), [(-71.06, 42.36), (0.0, 0.0), (139.7, 35.7)])
def test_points_outside_china_do_not_move(lon: float, lat: float) -> None:
    assert crs.wgs84_to_gcj02(lon, lat) == (lon, lat)
    assert crs.to_wgs84(lon, lat, "gcj02") == (lon, lat)
    assert crs.to_wgs84(lon, lat, "wgs84") == (lon, lat)


def test_arrays_keep_their_shape() -> None:
    lon, lat = crs.to_wgs84(np.full((2, 3), 118.8), np.full((2, 3), 32.0), "bd09")
    assert lon.shape == lat.shape == (2, 3)


def test_an_unknown_system_is_an_error() -> None:
    with pytest.raises(ValueError, match="utm50"):
        crs.to_wgs84(1.0, 2.0, "utm50")
