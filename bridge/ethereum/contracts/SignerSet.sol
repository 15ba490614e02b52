// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice Signer sets and what their members sign. Source: docs/spec/bridge.md, "Signer set".
library SignerSet {
    /// @notice The most members that a set may have: as many as a bitmap in one word tells apart.
    uint256 internal constant MAX_MEMBERS = 256;

    uint256 private constant MEMBER_LENGTH = 28;
    uint256 private constant SIGNATURE_LENGTH = 65;
    /// Half the order of secp256k1's group, rounded down.
    uint256 private constant HALF_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0;

    /// @notice The bytes of a set are not a count of 1 to 256 and as many members.
    error SetLength(uint256 length, uint256 members);
    /// @notice The bitmap names members that the set does not have.
    error SignersOutsideSet(uint256 signers, uint256 members);
    /// @notice There is not one signature of 65 bytes for each member in the bitmap.
    error SignaturesLength(uint256 length, uint256 expected);
    /// @notice The last byte of a member's signature is neither 0 nor 1.
    error SignatureRecoveryId(uint256 member, uint256 v);
    /// @notice The s of a member's signature is more than half the group order.
    error SignatureHighS(uint256 member, uint256 s);
    /// @notice A signature is not by the member that stands in its place; `signer` is zero if it is by nobody.
    error UnexpectedSigner(uint256 member, address signer, address expected);

    /// @notice What stands for a set in checkpoints.
    function root(bytes calldata set) internal pure returns (bytes32) {
        return keccak256(bytes.concat("IPDM/vs/v1", set));
    }

    /// @notice Checks signatures, and adds up the power of those who signed and of the whole set.
    /// @param set The encoded set, which the caller has found to be the right one.
    /// @param digest What is signed.
    /// @param signers Bit i tells that member i has signed.
    /// @param signatures Their signatures, r 32 | s 32 | v 1 each, in the order of the set.
    /// @dev Reads calldata by word, which is past the bounds of no member or signature once the lengths are right.
    function power(bytes calldata set, bytes32 digest, uint256 signers, bytes calldata signatures)
        internal
        pure
        returns (uint256 signed, uint256 total)
    {
        uint256 members = set.length < 2 ? 0 : uint16(bytes2(set[:2]));
        if (members == 0 || members > MAX_MEMBERS || set.length != 2 + members * MEMBER_LENGTH) {
            revert SetLength(set.length, members);
        }
        if (signers >> members != 0) revert SignersOutsideSet(signers, members);
        if (signatures.length != _count(signers) * SIGNATURE_LENGTH) {
            revert SignaturesLength(signatures.length, _count(signers) * SIGNATURE_LENGTH);
        }

        uint256 place; // of the next signature, in calldata
        assembly ("memory-safe") {
            place := signatures.offset
        }
        unchecked {
            for (uint256 i; i < members; ++i) {
                uint256 member; // address 20 | power 8 | 4 bytes of what follows
                assembly ("memory-safe") {
                    member := calldataload(add(add(set.offset, 2), mul(i, 28)))
                }
                uint256 weight = uint64(member >> 32);
                total += weight;
                if ((signers >> i) & 1 == 0) continue;

                address signer = _signer(i, digest, place);
                if (signer != address(uint160(member >> 96)) || signer == address(0)) {
                    revert UnexpectedSigner(i, signer, address(uint160(member >> 96)));
                }
                signed += weight;
                place += SIGNATURE_LENGTH;
            }
        }
    }

    function _signer(uint256 member, bytes32 digest, uint256 place) private pure returns (address) {
        bytes32 r;
        uint256 s;
        uint256 v;
        assembly ("memory-safe") {
            r := calldataload(place)
            s := calldataload(add(place, 32))
            v := byte(0, calldataload(add(place, 64)))
        }
        if (v > 1) revert SignatureRecoveryId(member, v);
        if (s > HALF_ORDER) revert SignatureHighS(member, s);
        return ecrecover(digest, uint8(27 + v), r, bytes32(s));
    }

    function _count(uint256 bits) private pure returns (uint256 n) {
        for (; bits != 0; bits &= bits - 1) {
            ++n;
        }
    }
}
