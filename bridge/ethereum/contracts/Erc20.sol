// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice What a gateway needs of an ERC-20 token.
interface IErc20 {
    /// @notice How much an account has.
    function balanceOf(address account) external view returns (uint256);
    /// @notice Transfers tokens of the sender's.
    function transfer(address to, uint256 amount) external returns (bool);
    /// @notice Transfers tokens of an owner's who has approved it.
    function transferFrom(address from, address to, uint256 amount) external returns (bool);
}

/// @notice Calls of ERC-20 tokens, those included that return nothing.
library Erc20 {
    /// @notice A token did not transfer what it was told to.
    error TokenTransferFailed(address token, address from, address to, uint256 amount);

    /// @notice Transfers tokens of the caller's. Tells whether the token says that it did.
    function tryTransfer(address token, address to, uint256 amount) internal returns (bool) {
        return _call(token, abi.encodeCall(IErc20.transfer, (to, amount)));
    }

    /// @notice Transfers tokens of an owner's who has approved it. Reverts unless the token says that it did.
    function transferFrom(address token, address from, address to, uint256 amount) internal {
        if (!_call(token, abi.encodeCall(IErc20.transferFrom, (from, to, amount)))) {
            revert TokenTransferFailed(token, from, to, amount);
        }
    }

    function _call(address token, bytes memory input) private returns (bool done) {
        assembly ("memory-safe") {
            done := call(gas(), token, 0, add(input, 32), mload(input), 0, 32)
            // It returns true, or nothing at all if it is a contract.
            switch returndatasize()
            case 0 { done := and(done, gt(extcodesize(token), 0)) }
            default { done := and(done, and(gt(returndatasize(), 31), eq(mload(0), 1))) }
        }
    }
}
