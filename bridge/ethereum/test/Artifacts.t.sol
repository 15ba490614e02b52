// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IpdmAnchor} from "../contracts/IpdmAnchor.sol";
import {IpdmCaller} from "../contracts/IpdmCaller.sol";
import {IpdmGateway} from "../contracts/IpdmGateway.sol";
import {IpdmLightClient} from "../contracts/IpdmLightClient.sol";
import {IpdmToken} from "../contracts/IpdmToken.sol";
import {Base} from "./Base.sol";

/// @notice What is tested is what is deployed.
contract ArtifactsTest is Base {
    function test_TheArtifactsAreWhatIsTested() public view {
        same("IpdmAnchor", type(IpdmAnchor).creationCode);
        same("IpdmCaller", type(IpdmCaller).creationCode);
        same("IpdmGateway", type(IpdmGateway).creationCode);
        same("IpdmLightClient", type(IpdmLightClient).creationCode);
        same("IpdmToken", type(IpdmToken).creationCode);
    }

    function same(string memory name, bytes memory code) private view {
        string memory artifact = vm.readFile(string.concat("artifacts/", name, ".json"));
        assertEq(keccak256(vm.parseJsonBytes(artifact, ".bytecode")), keccak256(code), name);
    }
}
