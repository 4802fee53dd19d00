// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

// The small base of all tests: the cheat codes that they use, and what forge's invariant runner asks
// of a test contract.

/// The part of forge's cheat codes that these tests use.
interface Vm {
    // accounts and time
    function addr(uint256 secret) external pure returns (address);
    function sign(uint256 secret, bytes32 digest)
        external
        pure
        returns (uint8 v, bytes32 r, bytes32 s);
    function deal(address who, uint256 balance) external;
    function warp(uint256 timestamp) external;
    function getBlockTimestamp() external view returns (uint256);

    // who calls next
    function prank(address sender) external;
    function startPrank(address sender) external;
    function stopPrank() external;

    // what the next call does
    function expectRevert(bytes4 selector) external;
    function expectRevert(bytes calldata data) external;
    function expectEmit(address emitter) external;

    // fuzzing
    function assume(bool condition) external pure;

    // gas of the last call, written under the configured snapshot folder
    function snapshotGasLastCall(string calldata group, string calldata name)
        external
        returns (uint256);

    // assertions
    function assertEq(uint256 left, uint256 right) external pure;
    function assertEq(uint256 left, uint256 right, string calldata why) external pure;
    function assertEq(address left, address right) external pure;
    function assertEq(bytes32 left, bytes32 right) external pure;
    function assertTrue(bool condition) external pure;
    function assertTrue(bool condition, string calldata why) external pure;
    function assertLe(uint256 left, uint256 right, string calldata why) external pure;
}

abstract contract MiniTest {
    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    /// forge looks for this to know a test contract.
    bool public constant IS_TEST = true;

    address[] private _targets;

    /// forge's invariant runner calls random functions of these.
    function targetContracts() external view returns (address[] memory) {
        return _targets;
    }

    function target(address handler) internal {
        _targets.push(handler);
    }

    /// ECDSA signature as the contracts take it.
    function signed(uint256 secret, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(secret, digest);
        return abi.encodePacked(r, s, v);
    }

    /// `value` brought into low..high, for fuzzing.
    function within(uint256 value, uint256 low, uint256 high) internal pure returns (uint256) {
        return low + value % (high - low + 1);
    }
}
