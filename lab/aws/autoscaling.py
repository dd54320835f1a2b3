"""Auto Scaling: each group has its own scheduled actions.

The emulator keeps one of a name for all groups. A rehearsal's groups stay empty: what their machines would do is
taught by tests (tests/aws/autoscaling.py).
"""

from __future__ import annotations

from typing import Any

from lab.aws._wrap import wrap


def extend() -> None:
    """Add it, once in a process."""
    from moto.autoscaling import models

    if hasattr(models.AutoScalingBackend, "seatworks_own_actions"):
        return
    setattr(models.AutoScalingBackend, "seatworks_own_actions", True)  # noqa: B010 - of ours on a class of theirs
    _schedules(models)


def _schedules(models: Any) -> None:
    def own(plain: Any) -> Any:
        def put_scheduled_update_group_action(self: Any, **asked: Any) -> Any:
            action = plain(self, **asked)
            del self.scheduled_actions[action.scheduled_action_name]
            self.scheduled_actions[f"{action.auto_scaling_group_name}/{action.scheduled_action_name}"] = action
            return action

        return put_scheduled_update_group_action

    def delete_scheduled_action(self: Any, auto_scaling_group_name: str, scheduled_action_name: str) -> None:
        if self.scheduled_actions.pop(f"{auto_scaling_group_name}/{scheduled_action_name}", None) is None:
            raise models.ValidationError("Scheduled action name not found")

    wrap(models.AutoScalingBackend, "put_scheduled_update_group_action", own)
    models.AutoScalingBackend.delete_scheduled_action = delete_scheduled_action
