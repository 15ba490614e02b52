// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Checkpoint} from "./Checkpoint.sol";
import {Control} from "./Control.sol";
import {IpdmCaller} from "./IpdmCaller.sol";
import {IpdmLightClient} from "./IpdmLightClient.sol";
import {Message} from "./Message.sol";
import {Outbox} from "./Outbox.sol";
import {Pause} from "./Pause.sol";
import {Vault} from "./Vault.sol";

/// @title Gateway of IPDM
/// @notice Takes IPDM's messages (value, calls, and what its governance decides), each once, from anyone who can prove
/// it; and tells IPDM, with numbered events, of value and calls on their way there and of what became of its messages.
/// Formats: docs/spec/bridge.md.
contract IpdmGateway is Vault {
    using Checkpoint for bytes;
    using Message for bytes;

    uint8 private constant TRANSFER = 1;
    uint8 private constant CALL = 2;
    uint8 private constant CONTROL = 3;
    uint8 private constant DELIVERY = 4;
    uint8 private constant DONE = 1;
    uint8 private constant REFUSED = 2;
    uint256 private constant MAX_CALL_PAYLOAD = 1024;
    uint256 private constant TRANSFER_PAYLOAD = 64;

    /// @notice The light client that says which checkpoints count.
    IpdmLightClient public immutable client;
    /// @notice The number of this chain.
    uint32 public immutable domain;
    /// @notice Who calls the recipients of calls.
    IpdmCaller public immutable caller;
    /// @notice How much gas there has to be before a recipient is called: what it gets, and 1/64 at each of two calls.
    uint256 public immutable gasForCall;

    /// @notice The nonce of the next event.
    uint64 public eventNonce;

    mapping(uint256 word => uint256 bits) private _consumed;
    /// The message that last decided something, one more than its nonce; by what it decides.
    mapping(bytes32 subject => uint256) private _decided;

    /// @notice An event for IPDM. With the domain and the address of this gateway it has all that is in an encoded event.
    /// @param nonce Counts the events of this gateway from 0.
    /// @param kind 1 transfer, 2 call, 4 delivery.
    /// @param sender Who sends it here.
    /// @param recipient Whom it is for on IPDM.
    /// @param time The time of the block, milliseconds since 1970.
    /// @param payload The payload, whose hash is in the encoded event.
    event Outbound(
        uint64 indexed nonce, uint8 indexed kind, bytes32 indexed sender, bytes32 recipient, uint64 time, bytes payload
    );

    /// @notice The message was delivered before: nothing is left to do.
    error AlreadyDelivered(uint64 nonce);
    /// @notice The message is for another chain.
    error WrongDomain(uint32 domain, uint32 expected);
    /// @notice The message is for another application.
    error WrongApplication(bytes32 application, bytes32 expected);
    /// @notice The time of the message has run out (milliseconds).
    error MessageTimedOut(uint64 nonce, uint64 timeout, uint256 time);
    /// @notice The payload is not the one of the message.
    error WrongPayload(bytes32 hash, bytes32 expected);
    /// @notice The light client has not accepted the checkpoint with this digest.
    error CheckpointNotAccepted(bytes32 digest);
    /// @notice The path does not lead to the outbox root of the checkpoint.
    error NotInOutbox(bytes32 root, bytes32 expected);
    /// @notice There is no such kind of message.
    error UnknownKind(uint8 kind);
    /// @notice The payload has a wrong length for its kind, or a transfer of nothing.
    error MalformedPayload(uint8 kind, uint256 length);
    /// @notice Only IPDM's governance, which has no address, sends control messages.
    error ControlNotByGovernance(bytes32 sender);
    /// @notice There is too little gas left to call a recipient with all that it may use.
    error NotEnoughGas(uint256 gas, uint256 needed);
    /// @notice An event needs a recipient.
    error NoRecipient();

    /// @param client_ The light client of IPDM.
    /// @param domain_ The number that IPDM gave to this chain.
    /// @param pausePeriod_ How many seconds a pause takes.
    /// @param pauseCooldown_ How many seconds after that another one may begin.
    constructor(IpdmLightClient client_, uint32 domain_, uint64 pausePeriod_, uint64 pauseCooldown_)
        Pause(pausePeriod_, pauseCooldown_)
    {
        client = client_;
        domain = domain_;
        caller = new IpdmCaller();
        gasForCall = caller.CALL_GAS() * 17 / 16 + 50_000;
    }

    /// @notice Delivers a message of IPDM's. Anyone may.
    /// @param checkpoint The 226 bytes of a checkpoint that the light client has accepted.
    /// @param message The 160 bytes of the message.
    /// @param payload Its payload.
    /// @param count How many messages the outbox of the checkpoint has.
    /// @param path The inclusion path of the message in it, from the leaf up.
    function deliver(
        bytes calldata checkpoint,
        bytes calldata message,
        bytes calldata payload,
        uint64 count,
        bytes32[] calldata path
    ) external {
        _outsideTransfers(); // where the recipient of a call could not answer, and would refuse for good
        message.check();
        uint64 nonce = message.nonce();
        _checkFields(message, nonce, payload);
        _checkProof(checkpoint, message, nonce, count, path);
        _consumed[nonce >> 8] |= 1 << (nonce & 0xff);

        bool done;
        uint8 kind = message.kind();
        if (kind == TRANSFER) done = _deliverTransfer(message, nonce, payload);
        else if (kind == CALL) done = _deliverCall(message, nonce, payload);
        else if (kind == CONTROL) done = _deliverControl(message, nonce, payload);
        else revert UnknownKind(kind);
        _emit(DELIVERY, message.recipient(), message.sender(), abi.encodePacked(nonce, done ? DONE : REFUSED));
    }

    /// @notice Sends value to IPDM: burns an asset of IPDM's, or locks a token of this chain that the sender has approved.
    /// @param asset The asset.
    /// @param amount How much, in the asset's smallest unit. What a token keeps for itself does not arrive.
    /// @param recipient The address on IPDM that gets it, filled with zeros on the left.
    /// @return nonce The nonce of the event.
    function send(bytes32 asset, uint256 amount, bytes32 recipient) external returns (uint64 nonce) {
        if (recipient == 0) revert NoRecipient();
        uint256 taken = _take(asset, msg.sender, amount);
        return _emit(TRANSFER, _toBytes32(msg.sender), recipient, abi.encodePacked(asset, taken));
    }

    /// @notice Sends a call to IPDM.
    /// @param recipient Whom it is for on IPDM.
    /// @param payload What is sent, at most 1024 bytes.
    /// @return nonce The nonce of the event.
    function call(bytes32 recipient, bytes calldata payload) external returns (uint64 nonce) {
        if (recipient == 0) revert NoRecipient();
        if (payload.length > MAX_CALL_PAYLOAD) revert MalformedPayload(CALL, payload.length);
        return _emit(CALL, _toBytes32(msg.sender), recipient, payload);
    }

    /// @notice Whether the message with a nonce was delivered.
    function consumed(uint64 nonce) public view returns (bool) {
        return (_consumed[nonce >> 8] >> (nonce & 0xff)) & 1 == 1;
    }

    function _checkFields(bytes calldata message, uint64 nonce, bytes calldata payload) private view {
        if (message.domain() != domain) revert WrongDomain(message.domain(), domain);
        bytes32 self = _toBytes32(address(this));
        if (message.application() != self) revert WrongApplication(message.application(), self);
        if (consumed(nonce)) revert AlreadyDelivered(nonce);
        uint64 timeout = message.timeout();
        if (timeout != 0 && block.timestamp * 1000 >= timeout) {
            revert MessageTimedOut(nonce, timeout, block.timestamp * 1000);
        }
        bytes32 hash = keccak256(payload);
        if (hash != message.payloadHash()) revert WrongPayload(hash, message.payloadHash());
    }

    function _checkProof(
        bytes calldata checkpoint,
        bytes calldata message,
        uint64 nonce,
        uint64 count,
        bytes32[] calldata path
    ) private view {
        bytes32 digest = checkpoint.digest();
        if (!client.accepted(digest)) revert CheckpointNotAccepted(digest);
        bytes32 root = Outbox.root(Outbox.leaf(message), nonce, count, path);
        if (root != checkpoint.outboxRoot()) revert NotInOutbox(root, checkpoint.outboxRoot());
    }

    function _deliverTransfer(bytes calldata message, uint64 nonce, bytes calldata payload) private returns (bool) {
        if (payload.length != TRANSFER_PAYLOAD) revert MalformedPayload(TRANSFER, payload.length);
        uint256 amount = uint256(bytes32(payload[32:]));
        if (amount == 0) revert MalformedPayload(TRANSFER, payload.length);
        return _pay(nonce, bytes32(payload[:32]), _toAddress(message.recipient()), amount);
    }

    function _deliverCall(bytes calldata message, uint64 nonce, bytes calldata payload) private returns (bool) {
        if (payload.length > MAX_CALL_PAYLOAD) revert MalformedPayload(CALL, payload.length);
        address recipient = _toAddress(message.recipient());
        if (gasleft() < gasForCall) revert NotEnoughGas(gasleft(), gasForCall);
        try caller.call(recipient, nonce, message.sender(), payload) {
            return true;
        } catch {
            return false;
        }
    }

    /// @dev A message that cannot take effect any more is refused; one that cannot yet reverts.
    function _deliverControl(bytes calldata message, uint64 nonce, bytes calldata payload) private returns (bool) {
        if (message.sender() != 0) revert ControlNotByGovernance(message.sender());
        uint8 operation = Control.operation(payload);
        if (operation == Control.REGISTER_MINTED) {
            (bytes32 asset, uint8 decimals, string memory symbol) = Control.registerMinted(payload);
            return _registerMinted(asset, symbol, decimals);
        }
        if (operation == Control.REGISTER_LOCKED) {
            (bytes32 asset, bytes32 token) = Control.registerLocked(payload);
            return _registerLocked(asset, token, domain);
        }
        if (operation == Control.SET_LIMIT) {
            (bytes32 asset, uint256 capacity, uint32 window) = Control.setLimit(payload);
            if (!_decide(asset, nonce)) return false;
            _setLimit(asset, capacity, window);
        } else if (operation == Control.NAME_GUARDIAN) {
            address named = Control.nameGuardian(payload);
            if (!_decide("guardian", nonce)) return false;
            _nameGuardian(named);
        } else {
            _endPause();
        }
        return true;
    }

    /// @dev Messages may arrive in any order: one that decides what a later one has decided comes too late.
    function _decide(bytes32 subject, uint64 nonce) private returns (bool) {
        if (_decided[subject] > nonce) return false;
        _decided[subject] = uint256(nonce) + 1;
        return true;
    }

    function _emit(uint8 kind, bytes32 sender, bytes32 recipient, bytes memory payload) private returns (uint64 nonce) {
        nonce = eventNonce++;
        emit Outbound(nonce, kind, sender, recipient, uint64(block.timestamp) * 1000, payload);
    }

    function _toBytes32(address account) private pure returns (bytes32) {
        return bytes32(uint256(uint160(account)));
    }

    /// @dev Zero if the bytes are no address.
    function _toAddress(bytes32 account) private pure returns (address) {
        return uint256(account) >> 160 == 0 ? address(uint160(uint256(account))) : address(0);
    }
}
