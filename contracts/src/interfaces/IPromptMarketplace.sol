// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrow} from "./IEscrow.sol";

// A prompt sale that is fair without a third party, at a cost that does not grow with the prompt.
//
//   K            content key: the published content is encrypted under it
//   contentHash  keccak256(abi.encode(K))            in the listing and in every offer
//   k            a fresh key for one buyer            secret until `deliver`
//   keyHash      keccak256(abi.encode(k))
//   c            capsule: K ^ keccak256(abi.encode(k, uint256(0)))    sent to the buyer alone
//   cipherHash   keccak256(abi.encode(c))
//
// The seller sends c over an encrypted stream and signs an offer with the three hashes. The buyer,
// who has c, pays; the seller reveals k, which the contract checks. Only the buyer has c, so only
// the buyer learns K. If c and k do not give the K of the listing, anyone who has c proves it here
// and the buyer is refunded. A wrong key is impossible and wrong content is provable, so an arbiter
// is needed only for "the prompt is bad". States and times are in IEscrow.sol.

/// @title The market for prompts
interface IPromptMarketplace is IEscrow {
    /// @notice Terms of a sale. EIP-712 type `Offer`, domain "PromptMarketplace", version "1".
    /// @param seller is paid; signs the offer
    /// @param buyer pays; zero in a listing on chain
    /// @param token zero for the coin
    /// @param arbiter neither party; zero: there are no disputes
    /// @param price what the buyer pays, in the token's smallest unit
    /// @param contentHash commitment to the content key K
    /// @param keyHash commitment to k; zero: the key is not checked and mismatch is not provable
    /// @param cipherHash commitment to the capsule c
    /// @param deliverWithin seconds from the purchase
    /// @param confirmWindow seconds from the delivery
    /// @param validUntil last second at which the deal can be opened
    /// @param counter the seller's counter
    /// @param salt makes equal terms distinct
    struct Offer {
        address seller;
        address buyer;
        address token;
        address arbiter;
        uint256 price;
        bytes32 contentHash;
        bytes32 keyHash;
        bytes32 cipherHash;
        uint256 deliverWithin;
        uint256 confirmWindow;
        uint256 validUntil;
        uint256 counter;
        uint256 salt;
    }

    /// @notice Anyone can buy on these terms until `validUntil`, `delist` or `cancel`.
    event Listed(
        bytes32 indexed listingId,
        address indexed seller,
        bytes32 indexed contentHash,
        Offer offer,
        string uri
    );

    /// @notice The listing takes no more buyers.
    event Delisted(bytes32 indexed listingId);

    /// @notice A deal is open. All its terms are here: a client rebuilds everything from the log.
    /// @param listingId the listing it came from; zero for a signed offer
    event Bought(
        bytes32 indexed id,
        address indexed buyer,
        address indexed seller,
        bytes32 listingId,
        Offer offer,
        uint256 deliverBy
    );

    /// @notice The key or the capsule is not what the offer commits to.
    error BadKey();
    /// @notice Key and capsule give the content key of the listing: the delivery was right.
    error NotMismatch();

    /// @notice EIP-712 type hash of Offer.
    function OFFER_TYPEHASH() external view returns (bytes32);

    /// @notice The deal's id: the EIP-712 digest that the seller signs.
    function offerId(Offer calldata offer) external view returns (bytes32);

    /// @notice Whether a listing on chain takes buyers.
    function listed(bytes32 listingId) external view returns (bool);

    /// @notice Lists on chain, for a seller that does not sign offers one by one.
    /// @dev A listing has no buyer and no keyHash, since k is made per buyer. So what is delivered
    /// cannot be checked here, and a listing without arbiter leaves the buyer with trust alone:
    /// a client warns of it.
    /// @param offer `buyer` and `keyHash` zero, a price and a contentHash
    /// @param uri where the listing's text is
    function list(Offer calldata offer, string calldata uri) external returns (bytes32 listingId);

    /// @notice Takes a listing back. Its open deals go on.
    function delist(Offer calldata offer) external;

    /// @notice Buys a listing. The deal's terms are the listing's, with the caller as `buyer` and
    /// the caller's `salt`; a seller cannot slip in another price, which would be another listing.
    function buyListed(Offer calldata offer, uint256 salt, bytes calldata permit)
        external
        payable
        returns (bytes32 id);

    /// @notice Buys on an offer that the seller signed for the caller.
    /// @param sig ECDSA (65 bytes), or what an ERC-1271 seller accepts
    /// @param permit see IEscrow.deposit
    function buy(Offer calldata offer, bytes calldata sig, bytes calldata permit)
        external
        payable
        returns (bytes32 id);

    /// @notice The seller voids one offer or listing that is not bought yet.
    function cancel(Offer calldata offer) external;

    /// @notice The seller reveals k. It is public from the moment the transaction is sent.
    function deliver(Offer calldata offer, bytes32 key) external;

    /// @notice Pays the seller: the buyer at any time, anyone after the confirm window.
    function release(Offer calldata offer) external;

    /// @notice Pays the buyer back: the seller at any time, anyone after a missed delivery.
    function refund(Offer calldata offer) external;

    /// @notice The buyer objects in the confirm window of a deal that has an arbiter.
    function dispute(Offer calldata offer, bytes32 evidence) external;

    /// @notice The arbiter splits the price; anyone halves it once the arbiter's time is over.
    /// @param sellerBps the seller's part, 0 to 10000, of which the fee is taken
    function resolve(Offer calldata offer, uint256 sellerBps, bytes32 reason) external;

    /// @notice Refunds a delivery whose capsule does not open to the listing's content key.
    /// @param key the revealed k
    /// @param capsule c, as the buyer had it before paying
    function proveMismatch(Offer calldata offer, bytes32 key, bytes32 capsule) external;
}
