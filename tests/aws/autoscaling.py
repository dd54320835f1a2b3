"""Auto Scaling: groups start machines from the whole of their launch template and wait where a hook says so.

The emulator starts them without the template's network interfaces, disks and profile, and has no waiting states. Time
does not pass here: a hook waits until somebody completes it. For tests only: a rehearsal's groups stay empty.
"""

from __future__ import annotations

from typing import Any

from lab.aws._wrap import wrap

_LAUNCHING, _TERMINATING = "autoscaling:EC2_INSTANCE_LAUNCHING", "autoscaling:EC2_INSTANCE_TERMINATING"
_PENDING, _SERVING, _LEAVING = "Pending:Wait", "InService", "Terminating:Wait"


def extend() -> None:
    """Add it, once in a process."""
    from moto.autoscaling import models, responses

    if hasattr(models.InstanceState, "seatworks_waits"):
        return
    # For each hook that a machine waits at: the token of the action.
    setattr(models.InstanceState, "seatworks_waits", {})  # noqa: B010 - an attribute of ours on a class of theirs
    wrap(models.FakeAutoScalingGroup, "set_desired_capacity", _levels)
    wrap(models.FakeAutoScalingGroup, "replace_autoscaling_group_instances", _replaces)
    _sizes(models)
    _ends(responses)
    _acts(models, responses)


def _from_template(group: Any) -> bool:
    return group.ec2_launch_template is not None and not group.mixed_instances_policy


def _levels(plain: Any) -> Any:
    """As many machines as are wanted: those that leave do not count, those that are not ready yet do."""

    def set_desired_capacity(self: Any, new_capacity: int | None) -> None:
        if not _from_template(self):
            plain(self, new_capacity)
            return
        self.desired_capacity = self.min_size if new_capacity is None else new_capacity
        staying = [state for state in self.instance_states if state.lifecycle_state != _LEAVING]
        for _ in range(self.desired_capacity - len(staying)):
            _launch(self)
        too_many = max(0, len(staying) - self.desired_capacity)
        for state in [state for state in staying if not state.protected_from_scale_in][:too_many]:
            _leave(state)

    return set_desired_capacity


def _replaces(plain: Any) -> Any:
    def replace_autoscaling_group_instances(self: Any, count_needed: int, propagated_tags: Any) -> None:
        if not _from_template(self):
            plain(self, count_needed, propagated_tags)
            return
        for _ in range(count_needed):
            _launch(self)

    return replace_autoscaling_group_instances


def _launch(group: Any) -> None:
    """Start one machine, unless its network interface is another's still: then it is tried again when that is gone."""
    from moto.autoscaling.models import ASG_NAME_TAG, InstanceState
    from moto.ec2.utils import convert_tag_spec, parse_user_data

    version = group.ec2_launch_template.get_version(group.launch_template_version)
    ec2, data = group.ec2_backend, version.data
    cards = [
        entry["NetworkInterfaceId"] for entry in data.get("NetworkInterfaces", []) if "NetworkInterfaceId" in entry
    ]
    found = [ec2.get_network_interface(card) for card in cards]
    if any(card.instance for card in found):
        return
    if any(card.availability_zone not in group.availability_zones for card in found):
        raise _refusal("ValidationError", "The network interface lies in no Availability Zone of the group.")
    marks = convert_tag_spec(data.get("TagSpecifications", []))
    script = data.get("UserData")
    options = {"block_device_mappings": data["BlockDeviceMappings"]} if "BlockDeviceMappings" in data else {}
    subnets = None if found else group.vpc_zone_identifier
    (machine,) = ec2.run_instances(
        data.get("ImageId"),
        1,
        parse_user_data(str(script)) if script else None,
        data.get("SecurityGroups", []),
        instance_type=data.get("InstanceType"),
        is_instance_type_default=False,
        key_name=data.get("KeyName"),
        security_group_ids=list(data.get("SecurityGroupIds", [])),
        subnet_id=subnets.split(",")[0] if subnets else None,
        placement=found[0].availability_zone if found else sorted(group.availability_zones)[0],
        nics=data.get("NetworkInterfaces", []),
        metadata_options=data.get("MetadataOptions", {}),
        launch_template={"LaunchTemplateId": version.template.id, "Version": str(version.number)},
        tags={
            "instance": {**marks.get("instance", {}), **group.get_propagated_tags(), ASG_NAME_TAG: group.name},
            "volume": marks.get("volume", {}),
        },
        **options,
    ).instances
    if profile := data.get("IamInstanceProfile"):
        ec2.associate_iam_instance_profile(
            instance_id=machine.id,
            iam_instance_profile_name=profile.get("Name"),
            iam_instance_profile_arn=profile.get("Arn"),
        )
    machine.autoscaling_group = group
    state = InstanceState(machine, protected_from_scale_in=group.new_instances_protected_from_scale_in)
    group.instance_states.append(state)
    if _wait(state, _LAUNCHING):
        state.lifecycle_state = _PENDING


def _wait(state: Any, transition: str) -> bool:
    """Let a machine wait at every hook of a transition; whether there is one."""
    from moto.moto_api._internal import mock_random

    group = state.auto_scaling_group
    hooks = group.autoscaling_backend.describe_lifecycle_hooks(group.name)
    state.seatworks_waits = {
        hook.name: str(mock_random.uuid4()) for hook in hooks if hook.lifecycle_transition == transition
    }
    return bool(state.seatworks_waits)


def _leave(state: Any) -> None:
    if state.lifecycle_state == _LEAVING:
        return
    state.lifecycle_state = _LEAVING
    if not _wait(state, _TERMINATING):
        _terminate(state)


def _terminate(state: Any) -> None:
    group = state.auto_scaling_group
    group.instance_states.remove(state)
    group.ec2_backend.terminate_instances([state.instance_id])
    group.set_desired_capacity(group.desired_capacity)


def _states(backend: Any, group: str = "") -> list[Any]:
    groups = [entry for entry in backend.autoscaling_groups.values() if group in ("", entry.name)]
    return [state for entry in groups for state in entry.instance_states]


def _sizes(models: Any) -> None:
    """Sizes beyond the group's own are refused, and a machine that is not well leaves like any other."""

    def within(plain: Any) -> Any:
        def set_desired_capacity(self: Any, group_name: str, desired_capacity: int) -> None:
            group = self.autoscaling_groups.get(group_name)
            if group is None:
                raise models.ValidationError(f"AutoScalingGroup name not found - {group_name}")
            for wrong, word, limit in (
                (desired_capacity > group.max_size, "above max", group.max_size),
                (desired_capacity < group.min_size, "below min", group.min_size),
            ):
                if wrong:
                    raise models.ValidationError(
                        f"New SetDesiredCapacity value {desired_capacity} is {word} value {limit} "
                        "for the AutoScalingGroup."
                    )
            plain(self, group_name, desired_capacity)

        return set_desired_capacity

    def judged(plain: Any) -> Any:
        def set_instance_health(self: Any, instance_id: str, health_status: str) -> None:
            plain(self, instance_id, health_status)
            (state,) = [state for state in _states(self) if state.instance_id == instance_id]
            if health_status == "Unhealthy" and _from_template(state.auto_scaling_group):
                _leave(state)

        return set_instance_health

    def ended(plain: Any) -> Any:
        def notify_terminate_instances(self: Any, instance_ids: list[str]) -> None:
            plain(self, instance_ids)
            for group in self.autoscaling_groups.values():
                if _from_template(group):
                    group.set_desired_capacity(group.desired_capacity)

        return notify_terminate_instances

    def taken(plain: Any) -> Any:
        def terminate_instance(self: Any, instance_id: str, should_decrement: bool) -> Any:
            (state,) = [state for state in _states(self) if state.instance_id == instance_id] or [None]
            if state is None or not _from_template(state.auto_scaling_group):
                return plain(self, instance_id, should_decrement)
            group, before = state.auto_scaling_group, state.auto_scaling_group.desired_capacity
            group.desired_capacity = before - 1 if should_decrement else before
            _leave(state)
            return models.TerminateInstanceActivity(state.instance, before)

        return terminate_instance

    backend = models.AutoScalingBackend
    wrap(backend, "set_desired_capacity", within)
    wrap(backend, "set_instance_health", judged)
    wrap(backend, "notify_terminate_instances", ended)
    wrap(backend, "terminate_instance", taken)


def _ends(responses: Any) -> None:
    """A group with machines is deleted by force only; its machines then wait for nobody."""

    def delete_auto_scaling_group(self: Any) -> Any:
        backend, name = self.autoscaling_backend, self._get_param("AutoScalingGroupName")
        group = backend.autoscaling_groups.get(name)
        if group is not None and _from_template(group):
            if group.instance_states and not self._get_bool_param("ForceDelete", False):
                raise _refusal("ResourceInUse", "You cannot delete an AutoScalingGroup while there are instances.")
            group.min_size = group.desired_capacity = 0
            for state in list(group.instance_states):
                _terminate(state)
        backend.delete_auto_scaling_group(name)
        for table in (backend.lifecycle_hooks, backend.scheduled_actions):
            for key in [key for key, entry in table.items() if entry.auto_scaling_group_name == name]:
                del table[key]
        return responses.EmptyResult()

    responses.AutoScalingResponse.delete_auto_scaling_group = delete_auto_scaling_group


def _acts(models: Any, responses: Any) -> None:
    """Actions at hooks, and metrics that are no longer collected."""

    def waiting(self: Any) -> tuple[Any, str]:
        group, hook = self._get_param("AutoScalingGroupName"), self._get_param("LifecycleHookName")
        id_, token = self._get_param("InstanceId"), self._get_param("LifecycleActionToken")
        for state in _states(self.autoscaling_backend, group):
            if hook in state.seatworks_waits and (state.instance_id == id_ or state.seatworks_waits[hook] == token):
                return state, hook
        raise models.ValidationError(f"No active Lifecycle Action found with instance ID {id_}")

    def complete_lifecycle_action(self: Any) -> Any:
        result = self._get_param("LifecycleActionResult")
        if result not in ("CONTINUE", "ABANDON"):
            raise models.ValidationError(f"LifecycleActionResult {result} is neither CONTINUE nor ABANDON")
        state, hook = waiting(self)
        # An action that is abandoned ends the others too.
        left = {} if result == "ABANDON" else {key: t for key, t in state.seatworks_waits.items() if key != hook}
        state.seatworks_waits = left
        if state.lifecycle_state == _LEAVING or result == "ABANDON":
            if not left:
                _terminate(state)
        elif not left:
            state.lifecycle_state = _SERVING
        return responses.EmptyResult()

    def record_lifecycle_action_heartbeat(self: Any) -> Any:
        waiting(self)
        return responses.EmptyResult()

    def disable_metrics_collection(self: Any) -> Any:
        (group,) = self.autoscaling_backend.describe_auto_scaling_groups([self._get_param("AutoScalingGroupName")])
        gone = self._get_param("Metrics", []) or group.metrics
        group.metrics = [metric for metric in group.metrics if metric not in gone]
        return responses.EmptyResult()

    for method in (complete_lifecycle_action, record_lifecycle_action_heartbeat, disable_metrics_collection):
        setattr(responses.AutoScalingResponse, method.__name__, method)


def _refusal(code: str, message: str) -> Exception:
    from moto.autoscaling.exceptions import AutoscalingClientError

    return AutoscalingClientError(code, message)
