// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Checkpoint} from "./Checkpoint.sol";
import {SignerSet} from "./SignerSet.sol";

/// @title Light client of IPDM
/// @notice Takes checkpoints that more than two thirds of the power of IPDM's signer set have signed, from anyone, and
/// remembers each one that it took: what a checkpoint proves it proves for good. Nobody owns it. Only when it has
/// heard of nothing for the trust period, after which those who signed may have nothing at stake any more, a recovery
/// address may name a signer set, and has to wait for a delay that everyone sees.
/// Formats: docs/spec/bridge.md.
contract IpdmLightClient {
    using Checkpoint for bytes;

    /// @notice What the client knows of IPDM.
    /// @param epoch The epoch of the signer set that signs the next checkpoint.
    /// @param height The height of the last checkpoint, 0 before the first.
    /// @param time The time of the last checkpoint, milliseconds since 1970, 0 before the first.
    /// @param trustedAt When the signer set was known to be the right one, milliseconds since 1970.
    struct Head {
        uint64 epoch;
        uint64 height;
        uint64 time;
        uint64 trustedAt;
    }

    /// @notice A signer set that the recovery address proposed.
    /// @param setRoot The root of the set, zero if there is no proposal.
    /// @param epoch Its epoch.
    /// @param executableAt From when on it can be put in place, seconds since 1970.
    struct Recovery {
        bytes32 setRoot;
        uint64 epoch;
        uint64 executableAt;
    }

    /// @notice Keccak-256 of the chain id of the IPDM that this client follows.
    bytes32 public immutable chainIdHash;
    /// @notice For how many seconds a signer set is trusted after it was last known to be right.
    uint64 public immutable trustPeriod;
    /// @notice Who may name a signer set when the client is stale.
    address public immutable recoveryAddress;
    /// @notice How many seconds pass between such a proposal and its execution.
    uint64 public immutable recoveryDelay;

    /// @notice What the client knows of IPDM.
    Head public head;
    /// @notice The root of the signer set that signs the next checkpoint.
    bytes32 public signerSetRoot;
    /// @notice The proposed recovery, if there is one.
    Recovery public recovery;
    /// @notice Whether the checkpoint with a digest was accepted.
    mapping(bytes32 digest => bool) public accepted;

    /// @notice A checkpoint was accepted.
    event CheckpointAccepted(
        bytes32 indexed digest, uint64 indexed height, uint64 epoch, uint64 time, bytes32 anchorRoot, bytes32 outboxRoot
    );
    /// @notice Another signer set signs from now on.
    event SignersRotated(uint64 indexed epoch, bytes32 setRoot);
    /// @notice The recovery address proposed a signer set, which can be put in place from a time on (seconds).
    event RecoveryProposed(uint64 indexed epoch, bytes32 setRoot, uint64 executableAt);
    /// @notice The proposed signer set was put in place.
    event RecoveryExecuted(uint64 indexed epoch, bytes32 setRoot);

    /// @notice The client cannot be made with such arguments.
    error InvalidConfiguration(bytes32 chainIdHash, bytes32 setRoot, uint64 trustPeriod, address recoveryAddress);
    /// @notice The checkpoint was accepted before: nothing is left to do.
    error AlreadyAccepted(bytes32 digest);
    /// @notice The bytes do not begin with the domain tag of checkpoints.
    error WrongTag(bytes10 tag, bytes10 expected);
    /// @notice The checkpoint is of another chain.
    error WrongChain(bytes32 chain, bytes32 expected);
    /// @notice The checkpoint is of another epoch than the one that is trusted.
    error WrongEpoch(uint64 epoch, uint64 expected);
    /// @notice The checkpoint is not higher than the last one.
    error HeightNotGreater(uint64 height, uint64 head);
    /// @notice The checkpoint's time is before that of the last one (milliseconds).
    error TimeBeforeHead(uint64 time, uint64 head);
    /// @notice The checkpoint says that another signer set signs it than the one that is trusted.
    error UntrustedSet(bytes32 setRoot, bytes32 trusted);
    /// @notice The signer set that was handed in is not the one that is trusted.
    error WrongSet(bytes32 setRoot, bytes32 expected);
    /// @notice Not more than two thirds of the power have signed.
    error NotEnoughPower(uint256 signed, uint256 total);
    /// @notice The signer set was last known to be right too long ago: only the recovery can help (seconds).
    error ClientStale(uint256 staleAt, uint256 time);
    /// @notice There is nothing to recover from (seconds).
    error ClientNotStale(uint256 staleAt, uint256 time);
    /// @notice Only the recovery address may do this.
    error NotRecoveryAddress(address sender, address expected);
    /// @notice A recovery cannot go back to an epoch before, nor to no signer set.
    error InvalidRecovery(uint64 epoch, uint64 headEpoch, bytes32 setRoot);
    /// @notice No recovery is proposed.
    error NoRecovery();
    /// @notice The delay of the recovery has not passed (seconds).
    error RecoveryTooEarly(uint64 executableAt, uint256 time);

    /// @param chainIdHash_ Keccak-256 of IPDM's chain id.
    /// @param setRoot The root of the signer set to begin with.
    /// @param epoch Its epoch.
    /// @param trustPeriod_ Seconds; less than the time after which IPDM's validators get their stake back.
    /// @param recoveryAddress_ Who may recover a stale client; zero if nobody may.
    /// @param recoveryDelay_ Seconds between proposal and execution.
    constructor(
        bytes32 chainIdHash_,
        bytes32 setRoot,
        uint64 epoch,
        uint64 trustPeriod_,
        address recoveryAddress_,
        uint64 recoveryDelay_
    ) {
        if (chainIdHash_ == 0 || setRoot == 0 || trustPeriod_ == 0) {
            revert InvalidConfiguration(chainIdHash_, setRoot, trustPeriod_, recoveryAddress_);
        }
        chainIdHash = chainIdHash_;
        trustPeriod = trustPeriod_;
        recoveryAddress = recoveryAddress_;
        recoveryDelay = recoveryDelay_;
        head = Head({epoch: epoch, height: 0, time: 0, trustedAt: _now()});
        signerSetRoot = setRoot;
    }

    /// @notice Hands in a checkpoint. Anyone may.
    /// @param checkpoint The 226 bytes of the checkpoint.
    /// @param set The encoded signer set that signs it.
    /// @param signers Bit i tells that member i of the set has signed.
    /// @param signatures Their signatures, r 32 | s 32 | v 1 each, in the order of the set.
    function submit(bytes calldata checkpoint, bytes calldata set, uint256 signers, bytes calldata signatures)
        external
    {
        bytes32 digest = checkpoint.digest();
        if (accepted[digest]) revert AlreadyAccepted(digest);

        Head memory last = head;
        uint256 staleTime = _staleAt(last.trustedAt);
        if (block.timestamp > staleTime) revert ClientStale(staleTime, block.timestamp);

        bytes32 trusted = signerSetRoot;
        _checkFields(checkpoint, last, trusted);
        bytes32 root = SignerSet.root(set);
        if (root != trusted) revert WrongSet(root, trusted);
        (uint256 signed, uint256 total) = SignerSet.power(set, digest, signers, signatures);
        if (signed * 3 <= total * 2) revert NotEnoughPower(signed, total);

        _accept(checkpoint, digest, last, trusted);
    }

    /// @notice When the client becomes stale unless it hears of a newer checkpoint, seconds since 1970.
    function staleAt() public view returns (uint256) {
        return _staleAt(head.trustedAt);
    }

    /// @notice Proposes a signer set while the client is stale. A new proposal replaces the one before, and waits anew.
    /// @param epoch The epoch of the set, not before the client's.
    /// @param setRoot The root of the set.
    function proposeRecovery(uint64 epoch, bytes32 setRoot) external {
        _checkRecovering();
        if (epoch < head.epoch || setRoot == 0) revert InvalidRecovery(epoch, head.epoch, setRoot);
        uint64 executableAt = uint64(block.timestamp) + recoveryDelay;
        recovery = Recovery({setRoot: setRoot, epoch: epoch, executableAt: executableAt});
        emit RecoveryProposed(epoch, setRoot, executableAt);
    }

    /// @notice Puts the proposed signer set in place, once the delay has passed.
    function executeRecovery() external {
        _checkRecovering();
        Recovery memory proposed = recovery;
        if (proposed.setRoot == 0) revert NoRecovery();
        if (block.timestamp < proposed.executableAt) revert RecoveryTooEarly(proposed.executableAt, block.timestamp);
        delete recovery;
        head.epoch = proposed.epoch;
        head.trustedAt = _now();
        signerSetRoot = proposed.setRoot;
        emit RecoveryExecuted(proposed.epoch, proposed.setRoot);
    }

    function _checkFields(bytes calldata checkpoint, Head memory last, bytes32 trusted) private view {
        if (checkpoint.tag() != Checkpoint.TAG) revert WrongTag(checkpoint.tag(), Checkpoint.TAG);
        if (checkpoint.chain() != chainIdHash) revert WrongChain(checkpoint.chain(), chainIdHash);
        if (checkpoint.epoch() != last.epoch) revert WrongEpoch(checkpoint.epoch(), last.epoch);
        if (checkpoint.height() <= last.height) revert HeightNotGreater(checkpoint.height(), last.height);
        if (checkpoint.time() < last.time) revert TimeBeforeHead(checkpoint.time(), last.time);
        if (checkpoint.setRoot() != trusted) revert UntrustedSet(checkpoint.setRoot(), trusted);
    }

    /// @dev The set is trusted from the checkpoint's time on, but not from a future time, which would keep it trusted
    /// for longer than the trust period, and not from a time before it already was.
    function _accept(bytes calldata checkpoint, bytes32 digest, Head memory last, bytes32 trusted) private {
        (uint64 epoch, uint64 height, uint64 time) = (last.epoch, checkpoint.height(), checkpoint.time());
        accepted[digest] = true;
        emit CheckpointAccepted(digest, height, epoch, time, checkpoint.anchorRoot(), checkpoint.outboxRoot());

        bytes32 nextRoot = checkpoint.nextSetRoot();
        if (nextRoot != trusted) {
            ++epoch;
            signerSetRoot = nextRoot;
            emit SignersRotated(epoch, nextRoot);
        }
        uint64 trustedAt = time < _now() ? time : _now();
        if (trustedAt < last.trustedAt) trustedAt = last.trustedAt;
        head = Head({epoch: epoch, height: height, time: time, trustedAt: trustedAt});
    }

    function _checkRecovering() private view {
        if (msg.sender != recoveryAddress) revert NotRecoveryAddress(msg.sender, recoveryAddress);
        uint256 staleTime = staleAt();
        if (block.timestamp <= staleTime) revert ClientNotStale(staleTime, block.timestamp);
    }

    function _staleAt(uint64 trustedAt) private view returns (uint256) {
        return uint256(trustedAt) / 1000 + trustPeriod;
    }

    function _now() private view returns (uint64) {
        return uint64(block.timestamp) * 1000;
    }
}
