// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title The pause of a gateway
/// @notice A guardian, whom IPDM's governance names, may stop the release of value for a fixed time. The pause ends by
/// itself, and no other can begin before a cool-down has passed, which is no shorter: a guardian can delay value, half of
/// the time at most, but not keep it.
abstract contract Pause {
    uint64 private constant MAX_PAUSE = 30 days;

    /// @notice How many seconds a pause takes.
    uint64 public immutable pausePeriod;
    /// @notice How many seconds after the end of a pause's time another one may begin.
    uint64 public immutable pauseCooldown;

    /// @notice Who may pause; zero if nobody may.
    address public guardian;
    /// @notice Until when value is not released, seconds since 1970.
    uint64 public pausedUntil;
    /// @notice From when on the guardian may pause, seconds since 1970.
    uint64 public nextPauseAt;

    /// @notice Nothing is released before a time (seconds).
    event Paused(uint64 until);
    /// @notice IPDM's governance ended the pause.
    event PauseEnded();
    /// @notice IPDM's governance named the guardian.
    event GuardianNamed(address indexed guardian);

    /// @notice Only the guardian may do this.
    error NotGuardian(address sender, address guardian);
    /// @notice The guardian may not pause again before a time (seconds).
    error PauseTooEarly(uint64 nextPauseAt, uint256 time);
    /// @notice Nothing is released before a time (seconds).
    error ReleasePaused(uint64 until, uint256 time);

    /// @notice A pause is longer than 30 days, or than the cool-down (seconds).
    error InvalidPause(uint64 period, uint64 cooldown);

    constructor(uint64 period, uint64 cooldown) {
        if (period > MAX_PAUSE || cooldown < period) revert InvalidPause(period, cooldown);
        (pausePeriod, pauseCooldown) = (period, cooldown);
    }

    /// @notice Stops the release of value for `pausePeriod`. Only the guardian may.
    function pause() external {
        if (msg.sender != guardian) revert NotGuardian(msg.sender, guardian);
        if (block.timestamp < nextPauseAt) revert PauseTooEarly(nextPauseAt, block.timestamp);
        pausedUntil = uint64(block.timestamp) + pausePeriod;
        nextPauseAt = pausedUntil + pauseCooldown;
        emit Paused(pausedUntil);
    }

    /// @notice Whether the release of value is paused.
    function paused() public view returns (bool) {
        return block.timestamp < pausedUntil;
    }

    function _endPause() internal {
        pausedUntil = 0;
        emit PauseEnded();
    }

    function _nameGuardian(address named) internal {
        guardian = named;
        emit GuardianNamed(named);
    }
}
