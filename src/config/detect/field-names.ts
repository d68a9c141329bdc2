import type { FieldName } from '../../medallion/source.ts';
import type { Column } from './column.ts';

/** What is looked for: the fields of a purchase, and the two columns whose product is an amount. */
export type Sought = FieldName | 'quantity' | 'unit_price';

/** Names that shops give to what is sought, the plainest first; compared by letters and digits alone. */
const NAMES: Record<Exclude<Sought, 'customer_key'>, string> = {
  customer_id:
    'customerid customerno customernumber custid custno clientid clientno userid memberid buyerid customer client accountid',
  first_name: 'firstname givenname forename customerfirstname billingfirstname billingfirst',
  last_name: 'lastname surname familyname customerlastname billinglastname billinglast',
  full_name: 'fullname customername clientname buyername billingname name',
  email:
    'email emailaddress customeremail customeremailaddress billingemail buyeremail useremail clientemail contactemail mail',
  purchase_id:
    'purchaseid orderid orderno ordernumber invoiceno invoiceid invoicenumber transactionid transactionno txnid paymentid saleid receiptid receiptno receiptnumber order invoice id',
  purchase_date:
    'purchasedate orderdate invoicedate transactiondate saledate salesdate paymentdate purchasedat orderedat paidat createdat createdon created datetime timestamp date',
  amount:
    'amount totalamount amounttotal total ordertotal grandtotal totalprice purchaseamount orderamount invoiceamount invoicetotal linetotal salesamount amountpaid totalpaid paidamount gross revenue sales',
  currency: 'currency currencycode ordercurrency currencyiso isocurrency ccy',
  updated_at:
    'updatedat updatedon updated updateddate lastupdated lastupdatedat modifiedat modified lastmodified lastmodifieddate modifieddate',
  operation:
    'operation status orderstatus paymentstatus financialstatus transactionstatus changetype op action eventtype type state',
  quantity: 'quantity qty itemquantity lineitemquantity units itemqty',
  unit_price: 'unitprice price itemprice priceeach lineitemprice unitamount',
};

/** Columns whose name says that they are what is sought, the plainest name first. */
export function namedColumns(columns: readonly Column[], sought: keyof typeof NAMES): Column[] {
  return NAMES[sought].split(' ').flatMap((name) => columns.filter(({ plain }) => plain === name));
}
