// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Escrow} from "./Escrow.sol";
import {IPromptMarketplace} from "./interfaces/IPromptMarketplace.sol";

/// @title The market for prompts
/// @notice Commitments and flow: IPromptMarketplace.sol. States and times: IEscrow.sol.
contract PromptMarketplace is IPromptMarketplace, Escrow {
    /// @inheritdoc IPromptMarketplace
    bytes32 public constant OFFER_TYPEHASH = keccak256(
        "Offer(address seller,address buyer,address token,address arbiter,uint256 price,"
        "bytes32 contentHash,bytes32 keyHash,bytes32 cipherHash,uint256 deliverWithin,"
        "uint256 confirmWindow,uint256 validUntil,uint256 counter,uint256 salt)"
    );

    /// @inheritdoc IPromptMarketplace
    mapping(bytes32 listingId => bool) public listed;

    constructor(address owner_) Escrow(owner_, "PromptMarketplace") {}

    /// All members of Offer are single words, so its ABI coding is its EIP-712 coding.
    /// @inheritdoc IPromptMarketplace
    function offerId(Offer calldata offer) public view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(OFFER_TYPEHASH, offer)));
    }

    // ---- opening a deal -------------------------------------------------------------------------

    /// @inheritdoc IPromptMarketplace
    function list(Offer calldata offer, string calldata uri)
        external
        whenNotPaused
        returns (bytes32 listingId)
    {
        if (msg.sender != offer.seller) revert NotParty();
        if (offer.buyer != address(0) || offer.keyHash != 0) revert BadTerms();
        if (offer.price == 0 || offer.contentHash == 0) revert BadTerms();
        listingId = offerId(offer);
        if (cancelled[listingId]) revert BadTerms();
        listed[listingId] = true;
        emit Listed(listingId, offer.seller, offer.contentHash, offer, uri);
    }

    /// @inheritdoc IPromptMarketplace
    function delist(Offer calldata offer) external {
        if (msg.sender != offer.seller) revert NotParty();
        bytes32 listingId = offerId(offer);
        listed[listingId] = false;
        emit Delisted(listingId);
    }

    /// @inheritdoc IPromptMarketplace
    function buyListed(Offer calldata offer, uint256 salt, bytes calldata permit)
        external
        payable
        nonReentrant
        whenNotPaused
        returns (bytes32 id)
    {
        bytes32 listingId = offerId(offer);
        if (!listed[listingId]) revert BadTerms();
        _requireLive(listingId, offer.seller, offer.validUntil, offer.counter);
        Offer memory deal = offer;
        deal.buyer = msg.sender;
        deal.salt = salt;
        id = _hashTypedDataV4(keccak256(abi.encode(OFFER_TYPEHASH, deal)));
        uint256 deliverBy = _openDeal(id, offer, msg.sender);
        emit Bought(id, msg.sender, offer.seller, listingId, deal, deliverBy);
        _pull(offer.token, offer.price, permit);
    }

    /// @inheritdoc IPromptMarketplace
    function buy(Offer calldata offer, bytes calldata sig, bytes calldata permit)
        external
        payable
        nonReentrant
        whenNotPaused
        returns (bytes32 id)
    {
        if (msg.sender != offer.buyer) revert NotParty();
        id = offerId(offer);
        _requireLive(id, offer.seller, offer.validUntil, offer.counter);
        _requireSigned(id, offer.seller, sig);
        uint256 deliverBy = _openDeal(id, offer, msg.sender);
        emit Bought(id, msg.sender, offer.seller, 0, offer, deliverBy);
        _pull(offer.token, offer.price, permit);
    }

    /// @inheritdoc IPromptMarketplace
    function cancel(Offer calldata offer) external {
        _cancel(offerId(offer), offer.seller);
    }

    // ---- the deal -------------------------------------------------------------------------------

    /// @inheritdoc IPromptMarketplace
    function deliver(Offer calldata offer, bytes32 key) external {
        if (offer.keyHash != 0 && _hash(key) != offer.keyHash) revert BadKey();
        _deliver(offerId(offer), offer.seller, offer.confirmWindow, key);
    }

    /// @inheritdoc IPromptMarketplace
    function release(Offer calldata offer) external nonReentrant {
        bytes32 id = offerId(offer);
        _requireRelease(id, offer.buyer);
        _settleDeal(id, State.Released, offer, offer.price, 0);
    }

    /// @inheritdoc IPromptMarketplace
    function refund(Offer calldata offer) external nonReentrant {
        bytes32 id = offerId(offer);
        _requireRefund(id, offer.seller);
        _settleDeal(id, State.Refunded, offer, 0, 0);
    }

    /// @inheritdoc IPromptMarketplace
    function dispute(Offer calldata offer, bytes32 evidence) external {
        _dispute(offerId(offer), offer.buyer, offer.arbiter, evidence);
    }

    /// @inheritdoc IPromptMarketplace
    function resolve(Offer calldata offer, uint256 sellerBps, bytes32 reason)
        external
        nonReentrant
    {
        bytes32 id = offerId(offer);
        (uint256 bps,) = _requireRuling(id, offer.arbiter, sellerBps);
        _settleDeal(id, State.Resolved, offer, offer.price * bps / BPS, reason);
    }

    /// @inheritdoc IPromptMarketplace
    function proveMismatch(Offer calldata offer, bytes32 key, bytes32 capsule)
        external
        nonReentrant
    {
        bytes32 id = offerId(offer);
        (State state, uint256 deadline) = stateOf(id);
        if (state != State.Delivered) revert WrongState(state);
        if (block.timestamp > deadline) revert TooLate(deadline);
        if (_hash(key) != offer.keyHash || _hash(capsule) != offer.cipherHash) revert BadKey();
        bytes32 contentKey = capsule ^ keccak256(abi.encode(key, uint256(0)));
        if (_hash(contentKey) == offer.contentHash) revert NotMismatch();
        _settleDeal(id, State.Refunded, offer, 0, "mismatch");
    }

    // ---- inside ---------------------------------------------------------------------------------

    function _hash(bytes32 word) private pure returns (bytes32) {
        return keccak256(abi.encode(word));
    }

    function _openDeal(bytes32 id, Offer calldata offer, address buyer) private returns (uint256) {
        return
            _open(id, buyer, offer.seller, offer.arbiter, offer.deliverWithin, offer.confirmWindow);
    }

    function _settleDeal(
        bytes32 id,
        State state,
        Offer calldata offer,
        uint256 gross,
        bytes32 reason
    ) private {
        _settle(id, state, offer.token, offer.buyer, offer.seller, offer.price, gross, reason);
    }
}
