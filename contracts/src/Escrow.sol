// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Ownable, Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {IERC20, SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {IEscrow} from "./interfaces/IEscrow.sol";

/// @title The steps of a deal and the money under both markets
/// @notice The machine is the table in IEscrow.sol; each step here is one of its rows.
abstract contract Escrow is IEscrow, Ownable2Step, ReentrancyGuardTransient, Pausable, EIP712 {
    using SafeERC20 for IERC20;

    /// @inheritdoc IEscrow
    uint256 public constant FEE_BPS = 300;
    /// @inheritdoc IEscrow
    uint256 public constant ARBITRATION_WINDOW = 14 days;
    /// @inheritdoc IEscrow
    uint256 public constant MIN_WINDOW = 10 minutes;
    /// @inheritdoc IEscrow
    uint256 public constant MAX_WINDOW = 90 days;

    uint256 internal constant BPS = 10_000;

    /// Far above any price, and small enough that price * BPS cannot overflow: an overflow in a
    /// settlement would hold the money for ever.
    uint256 private constant MAX_AMOUNT = type(uint128).max;

    /// Enough for a wallet contract that logs a receipt, too little to do harm with.
    uint256 private constant PUSH_GAS = 30_000;

    /// state | deadline << 8
    mapping(bytes32 id => uint256) private _slots;

    /// @inheritdoc IEscrow
    mapping(address token => mapping(address who => uint256)) public credit;
    /// @inheritdoc IEscrow
    mapping(address signer => uint256) public counter;
    /// @inheritdoc IEscrow
    mapping(bytes32 id => bool) public cancelled;

    constructor(address owner_, string memory name_) Ownable(owner_) EIP712(name_, "1") {}

    // ---- the owner ------------------------------------------------------------------------------

    /// @inheritdoc IEscrow
    function pause() external onlyOwner {
        _pause();
    }

    /// @inheritdoc IEscrow
    function unpause() external onlyOwner {
        _unpause();
    }

    /// @notice Always reverts: without an owner the fees of every later deal would be lost.
    function renounceOwnership() public view override onlyOwner {
        revert BadTerms();
    }

    // ---- everyone -------------------------------------------------------------------------------

    /// @inheritdoc IEscrow
    function stateOf(bytes32 id) public view returns (State state, uint256 deadline) {
        uint256 slot = _slots[id];
        // forge-lint: disable-next-line(unsafe-typecast)
        return (State(uint8(slot)), slot >> 8);
    }

    /// @inheritdoc IEscrow
    function domainSeparator() external view returns (bytes32) {
        return _domainSeparatorV4();
    }

    /// @inheritdoc IEscrow
    function deposit(address token, uint256 amount, bytes calldata permit)
        external
        payable
        nonReentrant
    {
        _credit(token, msg.sender, amount);
        _pull(token, amount, permit);
    }

    /// @inheritdoc IEscrow
    function withdraw(address token, address to) external nonReentrant returns (uint256 amount) {
        amount = credit[token][msg.sender];
        if (amount == 0 || to == address(0)) revert BadValue();
        credit[token][msg.sender] = 0;
        emit Withdrawn(msg.sender, token, to, amount);
        if (token != address(0)) {
            IERC20(token).safeTransfer(to, amount);
        } else {
            (bool ok,) = to.call{value: amount}("");
            if (!ok) revert TransferFailed();
        }
    }

    /// @inheritdoc IEscrow
    function bumpCounter() external {
        emit CounterBumped(msg.sender, ++counter[msg.sender]);
    }

    // ---- steps of a deal: each checks one row of the table --------------------------------------

    function _cancel(bytes32 id, address signer) internal {
        if (msg.sender != signer) revert NotParty();
        cancelled[id] = true;
        emit Cancelled(signer, id);
    }

    /// Whether signed, listed or placed terms may still be opened.
    function _requireLive(bytes32 id, address signer, uint256 validUntil, uint256 counter_)
        internal
        view
    {
        if (block.timestamp > validUntil) revert TooLate(validUntil);
        if (cancelled[id] || counter_ != counter[signer]) revert BadTerms();
    }

    function _requireSigned(bytes32 digest, address signer, bytes calldata sig) internal view {
        if (!SignatureChecker.isValidSignatureNowCalldata(signer, digest, sig)) {
            revert BadSignature();
        }
    }

    function _open(
        bytes32 id,
        address payer,
        address payee,
        address arbiter,
        uint256 deliverWithin,
        uint256 confirmWindow
    ) internal returns (uint256 deadline) {
        (State state,) = stateOf(id);
        if (state != State.None) revert WrongState(state);
        if (payer == payee || payee == address(0)) revert BadTerms();
        if (arbiter == payer || arbiter == payee) revert BadTerms();
        if (deliverWithin < MIN_WINDOW || deliverWithin > MAX_WINDOW) revert BadTerms();
        if (confirmWindow < MIN_WINDOW || confirmWindow > MAX_WINDOW) revert BadTerms();
        deadline = block.timestamp + deliverWithin;
        _set(id, State.Funded, deadline);
    }

    function _deliver(bytes32 id, address payee, uint256 confirmWindow, bytes32 what) internal {
        (State state, uint256 deadline) = stateOf(id);
        if (msg.sender != payee) revert NotParty();
        if (state != State.Funded) revert WrongState(state);
        if (block.timestamp > deadline) revert TooLate(deadline);
        deadline = block.timestamp + confirmWindow;
        _set(id, State.Delivered, deadline);
        emit Delivered(id, what, deadline);
    }

    function _dispute(bytes32 id, address payer, address arbiter, bytes32 evidence) internal {
        (State state, uint256 deadline) = stateOf(id);
        if (msg.sender != payer) revert NotParty();
        if (arbiter == address(0)) revert BadTerms();
        if (state != State.Delivered) revert WrongState(state);
        if (block.timestamp > deadline) revert TooLate(deadline);
        deadline = block.timestamp + ARBITRATION_WINDOW;
        _set(id, State.Disputed, deadline);
        emit Disputed(id, msg.sender, evidence, deadline);
    }

    function _requireOpen(State state) internal pure {
        if (state == State.None || state > State.Disputed) revert WrongState(state);
    }

    /// In the payee's favour: the payer at any time, anyone once a delivered deal's window is over.
    function _requireRelease(bytes32 id, address payer) internal view {
        (State state, uint256 deadline) = stateOf(id);
        if (msg.sender == payer) return _requireOpen(state);
        if (state != State.Delivered) revert WrongState(state);
        if (block.timestamp <= deadline) revert TooEarly(deadline);
    }

    /// In the payer's favour: the payee at any time, anyone once the delivery was missed.
    function _requireRefund(bytes32 id, address payee) internal view returns (bool missed) {
        (State state, uint256 deadline) = stateOf(id);
        missed = state == State.Funded && block.timestamp > deadline;
        if (missed) return true;
        _requireOpen(state);
        if (msg.sender == payee) return false;
        if (state == State.Funded) revert TooEarly(deadline);
        revert NotParty();
    }

    /// The arbiter's split in its window; after it anyone's call, and half and half.
    function _requireRuling(bytes32 id, address arbiter, uint256 bps)
        internal
        view
        returns (uint256 payeeBps, bool silent)
    {
        (State state, uint256 deadline) = stateOf(id);
        if (state != State.Disputed) revert WrongState(state);
        if (block.timestamp > deadline) return (BPS / 2, true);
        if (msg.sender != arbiter) revert NotParty();
        if (bps > BPS) revert BadTerms();
        return (bps, false);
    }

    /// Ends a deal: `gross` of `price`, less the fee, to the payee and the rest to the payer. The
    /// state and the owner's credit are written before any money moves.
    function _settle(
        bytes32 id,
        State state,
        address token,
        address payer,
        address payee,
        uint256 price,
        uint256 gross,
        bytes32 reason
    ) internal {
        _set(id, state, 0);
        uint256 fee = gross * FEE_BPS / BPS;
        emit Settled(id, state, msg.sender, gross - fee, fee, price - gross, reason);
        _credit(token, owner(), fee);
        _pay(token, payee, gross - fee);
        _pay(token, payer, price - gross);
    }

    // ---- money ----------------------------------------------------------------------------------

    function _set(bytes32 id, State state, uint256 deadline) private {
        _slots[id] = uint256(state) | (deadline << 8);
    }

    function _credit(address token, address who, uint256 amount) internal {
        if (amount == 0) return;
        credit[token][who] += amount;
        emit Credited(who, token, amount);
    }

    /// Pushes, and credits where the push is refused or wants too much gas, so that no party can
    /// stop a settlement.
    function _pay(address token, address who, uint256 amount) private {
        if (amount == 0) return;
        bool ok;
        if (token != address(0)) ok = IERC20(token).trySafeTransfer(who, amount);
        else (ok,) = who.call{value: amount, gas: PUSH_GAS}("");
        if (ok) emit Paid(who, token, amount);
        else _credit(token, who, amount);
    }

    /// Takes `amount` from the caller, and refuses a token that moves less or more.
    function _pull(address token, uint256 amount, bytes calldata permit) internal {
        if (amount == 0 || amount > MAX_AMOUNT) revert BadValue();
        if (msg.value != (token == address(0) ? amount : 0)) revert BadValue();
        if (token == address(0)) return;
        if (permit.length != 0) {
            (uint256 deadline, uint8 v, bytes32 r, bytes32 s) =
                abi.decode(permit, (uint256, uint8, bytes32, bytes32));
            // Whoever copies the permit from the mempool and sends it first has set the allowance.
            try IERC20Permit(token).permit(msg.sender, address(this), amount, deadline, v, r, s) {}
                catch {}
        }
        uint256 held = IERC20(token).balanceOf(address(this));
        IERC20(token).safeTransferFrom(msg.sender, address(this), amount);
        if (IERC20(token).balanceOf(address(this)) != held + amount) revert TokenNotExact();
    }
}
