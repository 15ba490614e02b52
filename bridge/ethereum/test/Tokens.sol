// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice A token of this chain.
contract Token {
    mapping(address => uint256) public balanceOf;
    uint256 public fee; // in percent, kept at each transfer
    address public blocked; // gets nothing

    function mint(address to, uint256 amount) external {
        balanceOf[to] += amount;
    }

    function setFee(uint256 percent) external {
        fee = percent;
    }

    function setBlocked(address account) external {
        blocked = account;
    }

    function transfer(address to, uint256 amount) external virtual returns (bool) {
        move(msg.sender, to, amount);
        return true;
    }

    function transferFrom(address from, address to, uint256 amount) external virtual returns (bool) {
        move(from, to, amount);
        return true;
    }

    function move(address from, address to, uint256 amount) internal {
        require(to != blocked, "blocked");
        balanceOf[from] -= amount;
        balanceOf[to] += amount - amount * fee / 100;
    }
}

/// @notice A token whose functions return nothing, as that of some old ones.
contract SilentToken {
    mapping(address => uint256) public balanceOf;

    function mint(address to, uint256 amount) external {
        balanceOf[to] += amount;
    }

    function transfer(address to, uint256 amount) external {
        balanceOf[msg.sender] -= amount;
        balanceOf[to] += amount;
    }

    function transferFrom(address from, address to, uint256 amount) external {
        balanceOf[from] -= amount;
        balanceOf[to] += amount;
    }
}

/// @notice A token that does nothing and says so.
contract FalseToken is Token {
    function transfer(address, uint256) external pure override returns (bool) {
        return false;
    }

    function transferFrom(address, address, uint256) external pure override returns (bool) {
        return false;
    }
}

/// @notice A token that calls somebody in the middle of each transfer.
contract HookToken is Token {
    address private _target;
    bytes[] private _inputs;
    bytes[] public results;

    function addHook(address target, bytes calldata input) external {
        _target = target;
        _inputs.push(input);
    }

    function transfer(address to, uint256 amount) external override returns (bool) {
        hook();
        move(msg.sender, to, amount);
        return true;
    }

    function transferFrom(address from, address to, uint256 amount) external override returns (bool) {
        hook();
        move(from, to, amount);
        return true;
    }

    function resultCount() external view returns (uint256) {
        return results.length;
    }

    function hook() private {
        for (uint256 i; i < _inputs.length; ++i) {
            (, bytes memory out) = _target.call(_inputs[i]);
            results.push(out);
        }
    }
}
