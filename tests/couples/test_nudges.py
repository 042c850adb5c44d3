"""What is remembered of nudges: that there was one, for as many homes as there is room for."""

from uuid import uuid4

from couples.nudges import Hub


def test_each_nudge_of_a_home_has_another_name() -> None:
    hub, home, quiet = Hub(), uuid4(), uuid4()
    names = [hub.last(home)]
    for _ in range(3):
        hub.send(home, "home")
        names.append(hub.last(home))
    assert len(set(names)) == 4
    assert hub.last(quiet) == names[0]


def test_it_does_not_grow_for_ever_and_no_page_misses_a_nudge() -> None:
    hub = Hub(most=3)
    homes = [uuid4() for _ in range(10)]
    before = [hub.last(home) for home in homes]
    for home in homes:
        hub.send(home, "home")
    assert len(hub._last) == 3
    # Whether its last nudge is known or forgotten: it is not what it was before that.
    assert all(hub.last(home) != was for home, was in zip(homes, before, strict=True))
    # One that goes on is not forgotten for those that came and went.
    lasting = hub.last(homes[-1])
    for home in homes[:2]:
        hub.send(home, "home")
    assert hub.last(homes[-1]) == lasting
    hub.send(homes[-1], "home")
    hub.send(homes[2], "home")
    hub.send(homes[3], "home")
    assert homes[-1] in hub._last
