// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

// Tokens and parties that behave as badly as real ones do.

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";

/// A good token, with permit.
contract Token is ERC20Permit {
    constructor() ERC20("Token", "TOK") ERC20Permit("Token") {}

    function mint(address who, uint256 amount) external {
        _mint(who, amount);
    }
}

/// Burns one percent of every transfer.
contract FeeToken is ERC20("Fee", "FEE") {
    function mint(address who, uint256 amount) external {
        _mint(who, amount);
    }

    function _update(address from, address to, uint256 amount) internal override {
        if (from == address(0) || to == address(0)) {
            super._update(from, to, amount);
            return;
        }
        super._update(from, address(0), amount / 100);
        super._update(from, to, amount - amount / 100);
    }
}

/// Refuses transfers to those on its list.
contract BlockToken is ERC20("Block", "BLK") {
    mapping(address who => bool) public blocked;

    function mint(address who, uint256 amount) external {
        _mint(who, amount);
    }

    function block_(address who) external {
        blocked[who] = true;
    }

    function _update(address from, address to, uint256 amount) internal override {
        require(!blocked[to], "blocked");
        super._update(from, to, amount);
    }
}

/// Returns nothing from transfer and transferFrom, as some old tokens do.
contract MuteToken {
    mapping(address who => uint256) public balanceOf;

    function mint(address who, uint256 amount) external {
        balanceOf[who] += amount;
    }

    function transfer(address to, uint256 amount) external {
        balanceOf[msg.sender] -= amount;
        balanceOf[to] += amount;
    }

    function transferFrom(address from, address to, uint256 amount) external {
        balanceOf[from] -= amount;
        balanceOf[to] += amount;
    }
}

/// Returns false instead of reverting, and moves nothing.
contract FalseToken {
    function balanceOf(address) external pure returns (uint256) {
        return 0;
    }

    function transferFrom(address, address, uint256) external pure returns (bool) {
        return false;
    }
}

/// A party that takes no coin.
contract Refuser {
    receive() external payable {
        revert("no");
    }
}

/// A party that needs more gas than a push gives: it writes storage.
contract Hungry {
    uint256[4] public slots;

    receive() external payable {
        for (uint256 i = 0; i < 4; i++) {
            slots[i] = block.timestamp + i;
        }
    }
}

/// A party that answers a payment with as much return data as its gas buys.
contract Bomb {
    receive() external payable {
        assembly {
            revert(0, 90000)
        }
    }
}

/// A wallet contract: accepts the signatures that its key made, and does what its maker says.
contract Wallet is IERC1271 {
    address public immutable MAKER = msg.sender;
    mapping(bytes32 digest => bool) public approved;

    receive() external payable {}

    function approve(bytes32 digest) external {
        approved[digest] = true;
    }

    function isValidSignature(bytes32 digest, bytes calldata) external view returns (bytes4) {
        return approved[digest] ? IERC1271.isValidSignature.selector : bytes4(0xffffffff);
    }

    function run(address to, uint256 value, bytes calldata data) external {
        require(msg.sender == MAKER, "not maker");
        (bool ok, bytes memory out) = to.call{value: value}(data);
        if (ok) return;
        assembly {
            revert(add(out, 32), mload(out))
        }
    }
}

/// A party that, on being paid, calls back what it was armed with, and counts what got through.
contract Reentrant {
    address private _to;
    bytes private _call;
    uint256 public through;

    function arm(address to, bytes calldata call_) external {
        _to = to;
        _call = call_;
    }

    function run(address to, uint256 value, bytes calldata data) external payable {
        (bool ok,) = to.call{value: value}(data);
        require(ok, "run");
    }

    function isValidSignature(bytes32, bytes calldata) external pure returns (bytes4) {
        return IERC1271.isValidSignature.selector;
    }

    /// Writes no storage unless a call gets through, so that the push gas is enough for the try.
    receive() external payable {
        if (_to == address(0)) return;
        (bool ok,) = _to.call(_call);
        if (ok) through++;
    }
}

/// A token that calls back into a market during transferFrom and transfer.
contract ReentrantToken is ERC20("Reentrant", "RE") {
    address private _to;
    bytes private _call;
    uint256 public tried;
    uint256 public through;

    function mint(address who, uint256 amount) external {
        _mint(who, amount);
    }

    function arm(address to, bytes calldata call_) external {
        _to = to;
        _call = call_;
    }

    function _update(address from, address to, uint256 amount) internal override {
        super._update(from, to, amount);
        if (_to == address(0)) return;
        tried++;
        (bool ok,) = _to.call(_call);
        if (ok) through++;
    }
}
