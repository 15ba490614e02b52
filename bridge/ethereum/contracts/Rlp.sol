// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice Reads RLP in calldata, in its one canonical form. Source: Ethereum yellow paper, appendix B.
/// @dev Offsets are absolute in calldata. No byte at `end` or behind counts, though words are read that reach past it.
library Rlp {
    /// @notice An item that begins at an offset reaches past the end of what contains it.
    error RlpTruncated(uint256 offset, uint256 end);
    /// @notice The item at an offset has a shorter encoding.
    error RlpNotCanonical(uint256 offset);

    /// @notice Reads the header of the item at an offset.
    /// @return list Whether it is a list, and no string.
    /// @return start Where its content begins.
    /// @return next Where its content ends, and the next item begins.
    function item(uint256 offset, uint256 end) internal pure returns (bool list, uint256 start, uint256 next) {
        unchecked {
            if (offset >= end) revert RlpTruncated(offset, end);
            uint256 first = byteAt(offset);
            if (first < 0x80) return (false, offset, offset + 1);

            list = first >= 0xc0;
            start = offset + 1;
            uint256 length = first - (list ? 0xc0 : 0x80);
            if (length > 55) {
                uint256 width = length - 55; // of the length that follows, 1 to 8 bytes
                if (start + width > end) revert RlpTruncated(offset, end);
                length = _wordAt(start) >> (256 - 8 * width);
                if (length <= 55 || byteAt(start) == 0) revert RlpNotCanonical(offset);
                start += width;
            }
            next = start + length; // less than 2^65
            if (next > end) revert RlpTruncated(offset, end);
            if (!list && length == 1 && byteAt(start) < 0x80) revert RlpNotCanonical(offset);
        }
    }

    /// @notice The byte at an offset.
    function byteAt(uint256 offset) internal pure returns (uint256) {
        return _wordAt(offset) >> 248;
    }

    function _wordAt(uint256 offset) private pure returns (uint256 word) {
        assembly ("memory-safe") {
            word := calldataload(offset)
        }
    }
}
