// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Checkpoint} from "./Checkpoint.sol";
import {IpdmLightClient} from "./IpdmLightClient.sol";
import {MerklePatricia} from "./MerklePatricia.sol";

/// @notice What IPDM had recorded of a manifest at the height of the checkpoint that proves it.
/// @param superseded Whether another manifest had taken its place.
/// @param tombstoned Whether its owner had withdrawn it.
/// @param codec The codec of the content's root CID: 0x55 raw, 0x70 dag-pb.
/// @param contentDigest The BLAKE3 digest of the content's root CID.
/// @param owner The address of the owner on IPDM.
/// @param size The size of the content in bytes.
/// @param height The height of IPDM at which it was anchored.
/// @param time The time of that block, milliseconds since 1970.
/// @param version The version along the chain of manifests that supersede each other, from 1.
/// @param provenHeight The height of the checkpoint. What came after it is not seen.
/// @param provenTime The time of the checkpoint, milliseconds since 1970.
struct AnchorRecord {
    bool superseded;
    bool tombstoned;
    uint8 codec;
    bytes32 contentDigest;
    bytes32 owner;
    uint64 size;
    uint64 height;
    uint64 time;
    uint64 version;
    uint64 provenHeight;
    uint64 provenTime;
}

/// @title Proofs of what is anchored on IPDM
/// @notice Shows other contracts that a manifest is anchored on IPDM, and what is recorded of it. It keeps no state.
/// Formats: docs/spec/bridge.md, "Anchor trie".
contract IpdmAnchor {
    using Checkpoint for bytes;

    uint256 private constant RECORD_LENGTH = 99;
    uint8 private constant RECORD_VERSION = 1;
    uint8 private constant SUPERSEDED = 1;
    uint8 private constant TOMBSTONED = 2;
    uint8 private constant RAW = 0x55;
    uint8 private constant DAG_PB = 0x70;

    /// @notice The light client that says which checkpoints count.
    IpdmLightClient public immutable client;

    /// @notice The light client has not accepted the checkpoint with this digest.
    error CheckpointNotAccepted(bytes32 digest);
    /// @notice The record has another length than this version of it.
    error RecordLength(uint256 length, uint256 expected);
    /// @notice The record is of another version.
    error RecordVersion(uint8 version, uint8 expected);
    /// @notice The record has flags that this version of it does not know.
    error RecordFlags(uint8 flags, uint8 known);
    /// @notice The codec in the record is neither raw nor dag-pb.
    error RecordCodec(uint8 codec);

    /// @param client_ The light client of IPDM.
    constructor(IpdmLightClient client_) {
        client = client_;
    }

    /// @notice Returns the record of a manifest. Reverts unless the proof shows it.
    /// A checkpoint never expires, so one who wants to know that a manifest is not superseded or tombstoned *now* looks
    /// at how old `provenTime` is.
    /// @param checkpoint The 226 bytes of a checkpoint that the light client has accepted.
    /// @param manifestDigest The BLAKE3 digest of the manifest's CID.
    /// @param proof The nodes of the anchor trie from the root down, in RLP.
    function prove(bytes calldata checkpoint, bytes32 manifestDigest, bytes[] calldata proof)
        external
        view
        returns (AnchorRecord memory)
    {
        bytes32 digest = checkpoint.digest();
        if (!client.accepted(digest)) revert CheckpointNotAccepted(digest);
        bytes calldata value = MerklePatricia.get(checkpoint.anchorRoot(), manifestDigest, proof);
        AnchorRecord memory record = _decode(value);
        (record.provenHeight, record.provenTime) = (checkpoint.height(), checkpoint.time());
        return record;
    }

    function _decode(bytes calldata value) private pure returns (AnchorRecord memory record) {
        if (value.length != RECORD_LENGTH) revert RecordLength(value.length, RECORD_LENGTH);
        (uint8 version, uint8 flags, uint8 codec) = (uint8(value[0]), uint8(value[1]), uint8(value[2]));
        if (version != RECORD_VERSION) revert RecordVersion(version, RECORD_VERSION);
        if (flags > SUPERSEDED | TOMBSTONED) revert RecordFlags(flags, SUPERSEDED | TOMBSTONED);
        if (codec != RAW && codec != DAG_PB) revert RecordCodec(codec);
        record.superseded = flags & SUPERSEDED != 0;
        record.tombstoned = flags & TOMBSTONED != 0;
        record.codec = codec;
        record.contentDigest = bytes32(value[3:35]);
        record.owner = bytes32(value[35:67]);
        record.size = uint64(bytes8(value[67:75]));
        record.height = uint64(bytes8(value[75:83]));
        record.time = uint64(bytes8(value[83:91]));
        record.version = uint64(bytes8(value[91:99]));
    }
}
