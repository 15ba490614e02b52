// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Erc20, IErc20} from "./Erc20.sol";
import {IpdmToken} from "./IpdmToken.sol";
import {Pause} from "./Pause.sol";
import {WindowLimit} from "./WindowLimit.sol";

/// @title The value of a gateway
/// @notice Takes value on its way to IPDM, and releases what comes from there: it mints and burns assets of IPDM's, and
/// locks and unlocks tokens of this chain. What the limit of an asset, a pause or a token keeps from being released
/// stays owed, and anyone may claim it for its recipient.
abstract contract Vault is Pause {
    using Erc20 for address;
    using WindowLimit for WindowLimit.State;

    /// @notice How an asset is held here.
    /// @param token The token; zero if the asset is not registered.
    /// @param minted Whether it is minted and burned here, or else locked.
    struct Asset {
        address token;
        bool minted;
    }

    /// @notice What is left of a transfer.
    /// @param asset The asset.
    /// @param recipient Who gets it.
    /// @param amount How much is left, in the asset's smallest unit.
    struct Debt {
        bytes32 asset;
        address recipient;
        uint256 amount;
    }

    /// @notice How an asset is held here.
    mapping(bytes32 asset => Asset) public assets;
    /// @notice How much of an asset is locked for those who have it on other chains, beside what is owed.
    mapping(bytes32 asset => uint256) public locked;
    /// @notice What is left to be claimed of the transfer with a nonce.
    mapping(uint64 nonce => Debt) public owed;

    mapping(bytes32 asset => WindowLimit.State) private _limits;
    bool private transient _entered;

    /// @notice An asset was registered.
    event AssetRegistered(bytes32 indexed asset, address indexed token, bool minted);
    /// @notice The limit of an asset was set: what any span of `window` seconds releases.
    event LimitSet(bytes32 indexed asset, uint256 capacity, uint32 window);
    /// @notice Value was released to its recipient, and some of the transfer may be left.
    event Released(
        uint64 indexed nonce, bytes32 indexed asset, address indexed recipient, uint256 amount, uint256 left
    );

    /// @notice Value was to be moved, or a message delivered, from within a token's transfer.
    error Reentered();
    /// @notice The asset is not registered here.
    error UnknownAsset(bytes32 asset);
    /// @notice The asset does not stand for this token of this chain.
    error WrongAsset(bytes32 asset, bytes32 expected);
    /// @notice There is no contract that could be a token at the address.
    error NotToken(bytes32 token);
    /// @notice A limit has a window of no length, or allows more than 2^128 - 1.
    error InvalidLimit(bytes32 asset, uint256 capacity, uint32 window);
    /// @notice Less is locked than is to be released: a thing that IPDM does not allow.
    error NotEnoughLocked(bytes32 asset, uint256 locked, uint256 amount);
    /// @notice Nothing is owed for the nonce.
    error NothingOwed(uint64 nonce);
    /// @notice The limit allows nothing now, but will at a time (seconds; zero is never, unless the limit is raised).
    error LimitReached(bytes32 asset, uint256 refillsAt);
    /// @notice The token did not release what is owed.
    error ReleaseFailed(uint64 nonce, address token, address recipient, uint256 amount);
    /// @notice No value was handed in.
    error NoValue(bytes32 asset);

    /// @dev No value moves from within anything that moves value. Recipients of calls are called outside of it: they may answer.
    modifier nonReentrant() {
        _outsideTransfers();
        _entered = true;
        _;
        _entered = false;
    }

    /// @notice Releases what is owed to the recipient of a transfer, as far as the limit allows. Anyone may.
    /// @param nonce The nonce of the message that brought the transfer.
    /// @return amount How much was released.
    function claim(uint64 nonce) external nonReentrant returns (uint256 amount) {
        Debt memory debt = owed[nonce];
        if (debt.amount == 0) revert NothingOwed(nonce);
        if (paused()) revert ReleasePaused(pausedUntil, block.timestamp);
        amount = _releasable(debt);
        if (amount == 0) {
            (uint256 refillsAt,) = _limits[debt.asset].refill();
            revert LimitReached(debt.asset, refillsAt);
        }
        if (!_release(nonce, debt, amount)) {
            revert ReleaseFailed(nonce, assets[debt.asset].token, debt.recipient, amount);
        }
    }

    /// @notice The limit of an asset, in its smallest unit.
    /// @return available How much can be released now.
    /// @return capacity How much any span of `window` seconds releases.
    /// @return window Seconds; zero if no limit is set, and nothing is released.
    function limit(bytes32 asset) external view returns (uint256 available, uint256 capacity, uint32 window) {
        WindowLimit.State memory state = _limits[asset];
        return (state.available(), state.capacity, state.window);
    }

    /// @notice When more of an asset can be released than now, if nothing is released until then.
    /// @return time Seconds since 1970; zero if there will not be more.
    /// @return available How much can be released then.
    function refill(bytes32 asset) external view returns (uint256 time, uint256 available) {
        return _limits[asset].refill();
    }

    /// @dev Releases a transfer as far as can be, and keeps the rest as owed. Tells whether the recipient can have it:
    /// if not, nothing is released, now or later.
    function _pay(uint64 nonce, bytes32 asset, address recipient, uint256 amount) internal nonReentrant returns (bool) {
        Asset memory held = _registered(asset);
        if (recipient == address(0) || recipient == address(this) || recipient == held.token) return false;
        if (!held.minted) {
            if (locked[asset] < amount) revert NotEnoughLocked(asset, locked[asset], amount);
            locked[asset] -= amount;
        }
        Debt memory debt = Debt({asset: asset, recipient: recipient, amount: amount});
        uint256 now_ = paused() ? 0 : _releasable(debt);
        if (now_ == 0 || !_release(nonce, debt, now_)) owed[nonce] = debt;
        return true;
    }

    /// @dev Takes value from an account, and returns how much arrived.
    function _take(bytes32 asset, address from, uint256 amount) internal nonReentrant returns (uint256) {
        Asset memory held = _registered(asset);
        if (held.minted) {
            IpdmToken(held.token).burn(from, amount);
        } else {
            uint256 before = IErc20(held.token).balanceOf(address(this));
            held.token.transferFrom(from, address(this), amount);
            uint256 balance = IErc20(held.token).balanceOf(address(this));
            amount = balance > before ? balance - before : 0;
            locked[asset] += amount;
        }
        if (amount == 0) revert NoValue(asset);
        return amount;
    }

    /// @dev Makes a token for an asset. False if the asset is registered already.
    function _registerMinted(bytes32 asset, string memory symbol, uint8 decimals) internal returns (bool) {
        if (assets[asset].token != address(0)) return false;
        return _register(asset, address(new IpdmToken{salt: asset}(symbol, decimals)), true);
    }

    /// @dev Registers a token of this chain. False if the asset is registered already.
    function _registerLocked(bytes32 asset, bytes32 token, uint32 domain) internal returns (bool) {
        bytes32 expected = keccak256(abi.encodePacked("IPDM/asset/v1", domain, token));
        if (asset != expected) revert WrongAsset(asset, expected);
        if (assets[asset].token != address(0)) return false;
        address deployed = address(uint160(uint256(token)));
        if (uint256(token) >> 160 != 0 || deployed.code.length == 0 || deployed == address(this)) {
            revert NotToken(token);
        }
        return _register(asset, deployed, false);
    }

    function _setLimit(bytes32 asset, uint256 capacity, uint32 window) internal {
        _registered(asset);
        if (window == 0 || capacity > type(uint128).max) revert InvalidLimit(asset, capacity, window);
        _limits[asset].set(uint128(capacity), window);
        emit LimitSet(asset, capacity, window);
    }

    function _register(bytes32 asset, address token, bool minted) private returns (bool) {
        assets[asset] = Asset({token: token, minted: minted});
        emit AssetRegistered(asset, token, minted);
        return true;
    }

    /// @dev Reverts from within anything that moves value.
    function _outsideTransfers() internal view {
        if (_entered) revert Reentered();
    }

    function _registered(bytes32 asset) private view returns (Asset memory held) {
        held = assets[asset];
        if (held.token == address(0)) revert UnknownAsset(asset);
    }

    function _releasable(Debt memory debt) private view returns (uint256) {
        uint256 available = _limits[debt.asset].available();
        return available < debt.amount ? available : debt.amount;
    }

    /// @dev Releases a part of a debt. False, and nothing has changed, if the token does not.
    function _release(uint64 nonce, Debt memory debt, uint256 amount) private returns (bool) {
        Asset memory held = assets[debt.asset];
        if (held.minted) {
            IpdmToken(held.token).mint(debt.recipient, amount);
        } else if (!held.token.tryTransfer(debt.recipient, amount)) {
            return false;
        }
        _limits[debt.asset].release(amount);
        uint256 left = debt.amount - amount;
        if (left == 0) {
            delete owed[nonce];
        } else {
            owed[nonce] = Debt({asset: debt.asset, recipient: debt.recipient, amount: left});
        }
        emit Released(nonce, debt.asset, debt.recipient, amount, left);
        return true;
    }
}
