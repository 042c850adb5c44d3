"""The settings of production, with one page more: a plain "hello" to compare the others with."""

from config.settings import *  # noqa: F403

ROOT_URLCONF = "bench.urls"
