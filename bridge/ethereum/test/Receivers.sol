// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IIpdmReceiver} from "../contracts/IIpdmReceiver.sol";

/// @notice Takes every call and remembers the last one.
contract Receiver is IIpdmReceiver {
    address public lastCaller;
    uint64 public lastNonce;
    bytes32 public lastSender;
    bytes public lastPayload;

    function onIpdmCall(uint64 nonce, bytes32 sender, bytes calldata payload) external returns (bytes4) {
        (lastCaller, lastNonce, lastSender, lastPayload) = (msg.sender, nonce, sender, payload);
        return IIpdmReceiver.onIpdmCall.selector;
    }
}

/// @notice Needs much gas, but less than every recipient gets.
contract HungryReceiver is IIpdmReceiver {
    uint256 public taken;

    function onIpdmCall(uint64, bytes32, bytes calldata) external returns (bytes4) {
        uint256 before = gasleft();
        taken += 1;
        while (before - gasleft() < 480_000) {}
        return IIpdmReceiver.onIpdmCall.selector;
    }
}

/// @notice Gives up at once if it has less gas than every recipient gets.
contract PickyReceiver is IIpdmReceiver {
    uint256 public taken;

    function onIpdmCall(uint64, bytes32, bytes calldata) external returns (bytes4) {
        require(gasleft() > 495_000, "too little gas");
        taken += 1;
        return IIpdmReceiver.onIpdmCall.selector;
    }
}

/// @notice Burns all the gas that it gets.
contract EndlessReceiver is IIpdmReceiver {
    function onIpdmCall(uint64, bytes32, bytes calldata) external pure returns (bytes4) {
        while (true) {}
        return IIpdmReceiver.onIpdmCall.selector;
    }
}

/// @notice Returns as many bytes as its gas allows, with a revert or without.
contract VerboseReceiver {
    bool public immutable reverts;

    constructor(bool reverts_) {
        reverts = reverts_;
    }

    fallback() external {
        bool revert_ = reverts;
        assembly {
            if revert_ { revert(0, 400000) }
            return(0, 400000)
        }
    }
}

/// @notice Has no such function, but does something with every call, and returns the word that it is told.
contract OtherContract {
    uint256 public calls;
    bytes32 public answer;

    constructor(bytes32 answer_) {
        answer = answer_;
    }

    fallback() external {
        calls += 1;
        bytes32 out = answer;
        assembly {
            mstore(0, out)
            return(0, 32)
        }
    }
}

/// @notice Calls somebody while it takes a call, remembers what came back, and then takes the call or not.
contract CallingReceiver is IIpdmReceiver {
    address private _target;
    bytes private _input;
    bool private _refuses;
    bytes public result;

    function setHook(address target, bytes calldata input, bool refuses) external {
        (_target, _input, _refuses) = (target, input, refuses);
    }

    function onIpdmCall(uint64, bytes32, bytes calldata) external returns (bytes4) {
        (, result) = _target.call(_input);
        require(!_refuses, "refused");
        return IIpdmReceiver.onIpdmCall.selector;
    }
}
