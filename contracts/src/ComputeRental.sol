// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Escrow} from "./Escrow.sol";
import {IComputeRental} from "./interfaces/IComputeRental.sol";

/// @title The market for compute
/// @notice Flow: IComputeRental.sol. States and times: IEscrow.sol.
contract ComputeRental is IComputeRental, Escrow {
    /// @inheritdoc IComputeRental
    bytes32 public constant BID_TYPEHASH = keccak256(
        "Bid(address provider,address requester,address token,address arbiter,uint256 price,"
        "uint256 bond,bytes32 jobHash,bytes32 peerId,uint256 submitWithin,uint256 confirmWindow,"
        "uint256 validUntil,uint256 counter,uint256 salt)"
    );
    /// @inheritdoc IComputeRental
    bytes32 public constant RECEIPT_TYPEHASH =
        keccak256("Receipt(bytes32 id,bytes32 resultHash,uint256 amount)");

    /// @inheritdoc IComputeRental
    mapping(bytes32 id => bool) public placed;

    constructor(address owner_) Escrow(owner_, "ComputeRental") {}

    /// All members of Bid are single words, so its ABI coding is its EIP-712 coding.
    /// @inheritdoc IComputeRental
    function bidId(Bid calldata bid) public view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(BID_TYPEHASH, bid)));
    }

    // ---- opening a deal -------------------------------------------------------------------------

    /// @inheritdoc IComputeRental
    function postJob(
        bytes32 jobHash,
        address token,
        uint256 maxPrice,
        uint256 bidsUntil,
        string calldata uri
    ) external whenNotPaused {
        emit JobPosted(jobHash, msg.sender, token, maxPrice, bidsUntil, uri);
    }

    /// @inheritdoc IComputeRental
    function placeBid(Bid calldata bid) external whenNotPaused returns (bytes32 id) {
        if (msg.sender != bid.provider) revert NotParty();
        id = bidId(bid);
        placed[id] = true;
        emit BidPlaced(id, bid.jobHash, bid.provider, bid);
    }

    /// @inheritdoc IComputeRental
    function cancel(Bid calldata bid) external {
        _cancel(bidId(bid), bid.provider);
    }

    /// @inheritdoc IComputeRental
    function accept(Bid calldata bid, bytes calldata sig, bytes calldata permit)
        external
        payable
        nonReentrant
        whenNotPaused
        returns (bytes32 id)
    {
        if (msg.sender != bid.requester) revert NotParty();
        id = bidId(bid);
        _requireLive(id, bid.provider, bid.validUntil, bid.counter);
        if (sig.length != 0 || !placed[id]) _requireSigned(id, bid.provider, sig);
        uint256 submitBy = _open(
            id, bid.requester, bid.provider, bid.arbiter, bid.submitWithin, bid.confirmWindow
        );
        _takeBond(bid);
        emit Accepted(id, bid.requester, bid.provider, bid, submitBy);
        _pull(bid.token, bid.price, permit);
    }

    // ---- the deal -------------------------------------------------------------------------------

    /// @inheritdoc IComputeRental
    function submit(Bid calldata bid, bytes32 resultHash) external {
        _deliver(bidId(bid), bid.provider, bid.confirmWindow, resultHash);
    }

    /// @inheritdoc IComputeRental
    function release(Bid calldata bid) external nonReentrant {
        bytes32 id = bidId(bid);
        _requireRelease(id, bid.requester);
        _settleDeal(id, State.Released, bid, bid.price, 0, false);
    }

    /// @inheritdoc IComputeRental
    function settle(
        Bid calldata bid,
        bytes32 resultHash,
        uint256 amount,
        bytes calldata requesterSig
    ) external nonReentrant {
        bytes32 id = bidId(bid);
        (State state,) = stateOf(id);
        _requireOpen(state);
        if (msg.sender != bid.provider) revert NotParty();
        if (amount > bid.price) revert BadValue();
        bytes32 receipt = keccak256(abi.encode(RECEIPT_TYPEHASH, id, resultHash, amount));
        _requireSigned(_hashTypedDataV4(receipt), bid.requester, requesterSig);
        _settleDeal(id, State.Released, bid, amount, resultHash, false);
    }

    /// @inheritdoc IComputeRental
    function refund(Bid calldata bid) external nonReentrant {
        bytes32 id = bidId(bid);
        bool missed = _requireRefund(id, bid.provider);
        _settleDeal(id, State.Refunded, bid, 0, 0, missed);
    }

    /// @inheritdoc IComputeRental
    function dispute(Bid calldata bid, bytes32 evidence) external {
        _dispute(bidId(bid), bid.requester, bid.arbiter, evidence);
    }

    /// @inheritdoc IComputeRental
    function resolve(Bid calldata bid, uint256 providerBps, bool slash, bytes32 reason)
        external
        nonReentrant
    {
        bytes32 id = bidId(bid);
        (uint256 bps, bool silent) = _requireRuling(id, bid.arbiter, providerBps);
        _settleDeal(id, State.Resolved, bid, bid.price * bps / BPS, reason, slash && !silent);
    }

    // ---- inside ---------------------------------------------------------------------------------

    function _takeBond(Bid calldata bid) private {
        if (bid.bond == 0) return;
        uint256 held = credit[bid.token][bid.provider];
        if (held < bid.bond) revert BadValue();
        credit[bid.token][bid.provider] = held - bid.bond;
    }

    /// The bond becomes credit and is not pushed: a provider takes its next bond from there.
    function _returnBond(bytes32 id, Bid calldata bid, bool forfeit) private {
        if (bid.bond == 0) return;
        _credit(bid.token, forfeit ? bid.requester : bid.provider, bid.bond);
        emit BondReturned(id, forfeit ? 0 : bid.bond, forfeit ? bid.bond : 0);
    }

    function _settleDeal(
        bytes32 id,
        State state,
        Bid calldata bid,
        uint256 gross,
        bytes32 reason,
        bool forfeit
    ) private {
        _returnBond(id, bid, forfeit);
        _settle(id, state, bid.token, bid.requester, bid.provider, bid.price, gross, reason);
    }
}
