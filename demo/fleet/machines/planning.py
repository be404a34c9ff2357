"""The workload of an application in one cluster: its revisions and its pods."""

from demo.fleet.chance import draw, hexadecimal, number
from demo.fleet.company.application import Application, Controller
from demo.fleet.company.troubles import TROUBLES, UNKNOWN_TAGS, Trouble
from demo.fleet.machines.podplan import PodPlan
from demo.fleet.machines.rollout import Rollout
from demo.fleet.machines.site import Site
from demo.fleet.machines.workload import Revision, Workload
from demo.fleet.moment import DAY_S, HOUR_S, MINUTE_S

_OLD_REVISIONS = 2
_STUCK_FOR_S = 52 * MINUTE_S


def planned(site: Site, application: Application, index: int, *, elapsed_s: float = 0.0) -> Workload:
    """Returns the workload of an application some time after the start of the fleet."""
    trouble = TROUBLES.get((site.profile.name, application.namespace, application.name))
    desired = (
        len(site.machines) if application.controller is Controller.DAEMON_SET else application.desired(site.profile)
    )
    if trouble is Trouble.ROLLING:
        rollout = Rollout(site, application, index, desired)
        return Workload(site, application, index, desired, rollout.revisions(elapsed_s), rollout.pods(elapsed_s))
    revisions = _revisions(site, application, trouble)
    plan = PodPlan(site, application, index, desired=desired, revisions=revisions)
    pods = tuple(plan.pods(trouble, elapsed_s))
    return Workload(site, application, index, desired, revisions, pods, is_stalled=trouble is Trouble.STUCK)


def moves(site: Site, application: Application) -> bool:
    """Returns whether an application changes while the fleet is served."""
    return TROUBLES.get((site.profile.name, application.namespace, application.name)) in {
        Trouble.CRASHING,
        Trouble.OUT_OF_MEMORY,
        Trouble.ROLLING,
    }


def _revisions(site: Site, application: Application, trouble: Trouble | None) -> tuple[Revision, ...]:
    name, cluster = application.name, site.profile.name
    tags = [application.release(site.profile, older=older) for older in range(_OLD_REVISIONS + 1)]
    if trouble is Trouble.STUCK:
        tags = [UNKNOWN_TAGS[name], *tags]
    newest = len(tags) + number(30, "revisions", cluster, name)
    revisions = []
    created_s = site.start_s - (HOUR_S * 20 + DAY_S * 6 * draw("released", cluster, name))
    for back, tag in enumerate(dict.fromkeys(tags)):
        is_stuck_one = trouble is Trouble.STUCK and back == 0
        hashed = hexadecimal(10, "template", cluster, name, tag)
        revisions.append(
            Revision(newest - back, tag, hashed, site.start_s - _STUCK_FOR_S if is_stuck_one else created_s)
        )
        created_s -= 0 if is_stuck_one else DAY_S * (2 + number(9, "pause", cluster, name, back))
    return tuple(revisions)
