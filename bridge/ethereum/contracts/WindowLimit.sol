// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice A limit on what is released in any span of time that is as long as a window.
/// @dev Time is cut into windows. What two neighbouring windows release together is at most the capacity, and no span as
/// long as a window touches more than two: so none sees more than the capacity, wherever it begins.
library WindowLimit {
    /// @param capacity The most that any span of a window's length releases.
    /// @param window The length of a window in seconds, zero if no limit was ever set: then nothing is released.
    /// @param index The number of the window in which something was released last.
    /// @param current What that window released.
    /// @param previous What the window before it released.
    struct State {
        uint128 capacity;
        uint32 window;
        uint64 index;
        uint128 current;
        uint128 previous;
    }

    /// @notice How much can be released now.
    function available(State memory state) internal view returns (uint256) {
        if (state.window == 0) return 0;
        (uint256 current, uint256 previous) = _released(state);
        uint256 used = current + previous;
        return used < state.capacity ? state.capacity - used : 0;
    }

    /// @notice When more will be available than now, and how much then, if nothing is released until then.
    /// @return time Seconds since 1970, zero if there will never be more.
    /// @return amount What will be available.
    function refill(State memory state) internal view returns (uint256 time, uint256 amount) {
        if (state.window == 0) return (0, 0);
        (uint256 current, uint256 previous) = _released(state);
        uint256 windows = block.timestamp / state.window + 1;
        if (previous == 0 || current >= state.capacity) (windows, current) = (windows + 1, 0);
        uint256 now_ = available(state);
        amount = state.capacity - current;
        return amount > now_ ? (windows * state.window, amount) : (0, now_);
    }

    /// @notice Counts a release, which must be available.
    function release(State storage stored, uint256 amount) internal {
        State memory state = stored;
        _advance(state);
        state.current += uint128(amount);
        _store(stored, state);
    }

    /// @notice Sets the limit. What was released already counts as released in the new window.
    function set(State storage stored, uint128 capacity, uint32 window) internal {
        State memory state = stored;
        if (state.window != 0) _advance(state);
        uint256 used = uint256(state.current) + state.previous;
        state = State({
            capacity: capacity,
            window: window,
            index: uint64(block.timestamp / window),
            current: used < type(uint128).max ? uint128(used) : type(uint128).max,
            previous: 0
        });
        _store(stored, state);
    }

    function _advance(State memory state) private view {
        (uint256 current, uint256 previous) = _released(state);
        state.index = uint64(block.timestamp / state.window);
        (state.current, state.previous) = (uint128(current), uint128(previous));
    }

    /// @dev What the window of now has released, and the one before it.
    function _released(State memory state) private view returns (uint256 current, uint256 previous) {
        uint256 passed = block.timestamp / state.window - state.index;
        if (passed == 0) return (state.current, state.previous);
        return (0, passed == 1 ? state.current : 0);
    }

    function _store(State storage stored, State memory state) private {
        (stored.capacity, stored.window, stored.index) = (state.capacity, state.window, state.index);
        (stored.current, stored.previous) = (state.current, state.previous);
    }
}
