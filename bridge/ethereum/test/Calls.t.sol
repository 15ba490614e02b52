// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IIpdmReceiver} from "../contracts/IIpdmReceiver.sol";
import {IpdmCaller} from "../contracts/IpdmCaller.sol";
import {IpdmGateway} from "../contracts/IpdmGateway.sol";
import {IpdmToken} from "../contracts/IpdmToken.sol";
import {GatewayBase} from "./GatewayBase.sol";
import {
    CallingReceiver,
    EndlessReceiver,
    HungryReceiver,
    OtherContract,
    PickyReceiver,
    Receiver,
    VerboseReceiver
} from "./Receivers.sol";
import {Token} from "./Tokens.sol";

/// @notice Calls from IPDM and to it.
contract CallsTest is GatewayBase {
    bytes32 private constant TAKEN = IIpdmReceiver.onIpdmCall.selector;
    bytes32 private constant BOB_THERE = keccak256("bob of IPDM");

    function setUp() public {
        deploy();
    }

    function call(address recipient) private returns (uint8) {
        return deliveredStatus(push(CALL, ALICE, to32(recipient), 0, "hello"));
    }

    function test_CallsTheRecipient() public {
        Receiver receiver = new Receiver();
        assertEq(call(address(receiver)), 1, "status");
        assertEq(receiver.lastCaller(), address(gateway.caller()), "caller");
        assertEq(receiver.lastNonce(), 0, "nonce");
        assertEq(receiver.lastSender(), ALICE, "sender");
        assertEq(receiver.lastPayload(), "hello", "payload");
    }

    function test_RecordsThatARecipientRefuses() public {
        assertEq(call(BOB), 2, "no contract");
        assertEq(call(address(0)), 2, "zero");
        assertEq(call(address(1)), 2, "a precompiled contract");
        assertEq(call(address(new EndlessReceiver())), 2, "one that burns all its gas");
        assertEq(call(address(new VerboseReceiver(false))), 2, "one that returns very much");
        assertEq(call(address(new VerboseReceiver(true))), 2, "one that reverts with very much");
        assertEq(deliveredStatus(push(CALL, ALICE, bytes32(type(uint256).max), 0, "")), 2, "no address");
        assertTrue(gateway.consumed(6), "consumed");
    }

    function test_UndoesWhatARecipientDidThatDoesNotTakeTheCall() public {
        bytes32[3] memory answers = [bytes32(0), bytes32(uint256(1)), TAKEN | bytes32(uint256(1))];
        for (uint256 i; i < answers.length; ++i) {
            OtherContract other = new OtherContract(answers[i]);
            assertEq(call(address(other)), 2, "status");
            assertEq(other.calls(), 0, "calls that had an effect");
        }
        OtherContract right = new OtherContract(TAKEN);
        assertEq(call(address(right)), 1, "status of the right answer");
        assertEq(right.calls(), 1, "calls");
    }

    /// A call is made by a contract without value or rights, so tokens, the gateway and the client take no harm.
    function test_CannotUseTheGatewaysRights() public {
        IpdmToken wrapped = setUpNative(1000, 60);
        Token token = new Token();
        token.mint(address(gateway), 500);
        assertEq(call(address(wrapped)), 2, "the token that it mints");
        assertEq(call(address(token)), 2, "a token that it holds");
        assertEq(call(address(gateway)), 2, "itself");
        assertEq(call(address(client)), 2, "the light client");
        assertEq(call(address(gateway.caller())), 2, "the caller");
        assertEq(wrapped.totalSupply(), 0, "minted");
        assertEq(token.balanceOf(address(gateway)), 500, "held");
        assertEq(token.balanceOf(address(gateway.caller())), 0, "held by the caller");
    }

    function test_OnlyTheGatewayUsesTheCaller() public {
        Receiver receiver = new Receiver();
        IpdmCaller caller = gateway.caller();
        vm.expectRevert(abi.encodeWithSelector(IpdmCaller.NotGateway.selector, address(this), address(gateway)));
        caller.call(address(receiver), 1, ALICE, "hello");
    }

    /// However little gas a relayer brings, the recipient gets all that is its due, or nothing is delivered.
    function test_ARelayerCannotStarveARecipient() public {
        starve(address(new HungryReceiver()));
        starve(address(new PickyReceiver()));
    }

    function starve(address receiver) private {
        bytes memory payload = new bytes(1024);
        bool refused;
        bool delivered;
        for (uint256 gas_ = 100_000; !delivered; gas_ += 7_000) {
            uint64 nonce = push(CALL, ALICE, to32(receiver), 0, payload);
            bytes memory checkpoint = seal();
            bytes32[] memory proof = path(nonce, 0, nonce + 1);
            bytes memory input =
                abi.encodeCall(gateway.deliver, (checkpoint, outbox[nonce].message, payload, nonce + 1, proof));
            (delivered,) = address(gateway).call{gas: gas_}(input);
            refused = refused || !delivered;
            assertEq(HungryReceiver(receiver).taken(), delivered ? 1 : 0, "calls taken");
            assertTrue(gateway.consumed(nonce) == delivered, "consumed exactly when taken");
            assertTrue(gas_ < 1_000_000, "delivered with enough gas");
        }
        assertTrue(refused, "refused with too little gas");
    }

    function test_TellsHowMuchGasIsMissing() public {
        uint64 nonce = push(CALL, ALICE, to32(address(new Receiver())), 0, "hello");
        bytes memory checkpoint = seal();
        bytes32[] memory none;
        (bool done, bytes memory out) = address(gateway).call{gas: 300_000}(
            abi.encodeCall(gateway.deliver, (checkpoint, outbox[nonce].message, "hello", 1, none))
        );
        assertTrue(!done, "refused");
        assertEq(bytes32(bytes4(out)), bytes32(IpdmGateway.NotEnoughGas.selector), "error");
        assertEq(uint256(word(out, 36)), gateway.gasForCall(), "needed");
    }

    function test_ARecipientMayAnswer() public {
        CallingReceiver receiver = new CallingReceiver();
        IpdmToken token = setUpNative(100, 60);
        deliver(pushTransfer(NATIVE, 10, address(receiver)));
        uint64 next = gateway.eventNonce();

        receiver.setHook(address(gateway), abi.encodeCall(gateway.call, (ALICE, "back")), false);
        vm.recordLogs();
        deliver(push(CALL, BOB_THERE, to32(address(receiver)), 0, "hello"));
        (bytes32 sender, bytes32 recipient, bytes memory payload) = outboundOf(2, next, CALL);
        assertEq(sender, to32(address(receiver)), "sender of the answer");
        assertEq(recipient, ALICE, "recipient of the answer");
        assertEq(payload, "back", "answer");

        receiver.setHook(address(gateway), abi.encodeCall(gateway.send, (NATIVE, 10, ALICE)), false);
        vm.recordLogs();
        deliver(push(CALL, BOB_THERE, to32(address(receiver)), 0, "hello"));
        (,, payload) = outboundOf(2, next + 2, TRANSFER);
        assertEq(payload, abi.encode(NATIVE, 10), "value that goes back");
        assertEq(token.totalSupply(), 0, "what is left");
    }

    function test_UndoesTheAnswerOfARecipientThatRefuses() public {
        CallingReceiver receiver = new CallingReceiver();
        receiver.setHook(address(gateway), abi.encodeCall(gateway.call, (ALICE, "back")), true);
        deliver(push(CALL, ALICE, to32(address(receiver)), 0, "hello"));
        assertEq(receiver.result(), "", "what came back, which is undone");
        assertEq(gateway.eventNonce(), 1, "events: the delivery alone");
    }

    function test_AMessageIsTakenOnceThoughItsRecipientDeliversItAgain() public {
        CallingReceiver receiver = new CallingReceiver();
        uint64 nonce = push(CALL, ALICE, to32(address(receiver)), 0, "hello");
        bytes memory checkpoint = seal();
        bytes32[] memory none;
        bytes memory again = abi.encodeCall(gateway.deliver, (checkpoint, outbox[nonce].message, "hello", 1, none));
        receiver.setHook(address(gateway), again, false);
        deliver(checkpoint, nonce);
        assertEq(
            receiver.result(), abi.encodeWithSelector(IpdmGateway.AlreadyDelivered.selector, nonce), "what came back"
        );
    }

    function test_SendsCalls() public {
        vm.recordLogs();
        vm.prank(BOB);
        assertEq(gateway.call(ALICE, "hello IPDM"), 0, "nonce");
        (bytes32 sender, bytes32 recipient, bytes memory payload) = outbound(0, CALL);
        assertEq(sender, to32(BOB), "sender");
        assertEq(recipient, ALICE, "recipient");
        assertEq(payload, "hello IPDM", "payload");
        assertEq(gateway.call(ALICE, new bytes(1024)), 1, "nonce of the next");
    }

    function test_RefusesToSendCallsThatAreTooLongOrForNobody() public {
        vm.expectRevert(abi.encodeWithSelector(IpdmGateway.MalformedPayload.selector, CALL, 1025));
        gateway.call(ALICE, new bytes(1025));
        vm.expectRevert(abi.encodeWithSelector(IpdmGateway.NoRecipient.selector));
        gateway.call(0, "hello");
    }
}
