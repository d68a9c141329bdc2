import type { FieldName } from '../../medallion/source.ts';
import type { Column } from './column.ts';

/** What to find: the fields of a purchase, and two columns whose product is an amount. */
export type Target = FieldName | 'quantity' | 'unit_price';

/**
 * Names that shops use for each target, the plainest first; English before German, French, Spanish,
 * Italian and Dutch. Compared by letters and digits only.
 */
const NAMES: Record<Exclude<Target, 'customer_key'>, string> = {
  customer_id:
    'customerid customerno customernumber custid custno clientid clientno userid memberid buyerid customer client accountid kundennr kundennummer kundenid kunde numeroclient numclient codeclient idclient numerocliente idcliente codicecliente cliente klantnummer klantnr klantid',
  first_name:
    'firstname givenname forename customerfirstname billingfirstname billingfirst vorname prenom nombre nome voornaam',
  last_name:
    'lastname surname familyname customerlastname billinglastname billinglast nachname familienname nom apellido apellidos cognome achternaam',
  full_name:
    'fullname customername clientname buyername billingname name kundenname nomclient nombrecliente nomecliente klantnaam',
  email:
    'email emailaddress customeremail customeremailaddress billingemail buyeremail useremail clientemail contactemail mail emailadresse adresseemail courriel correo correoelectronico',
  purchase_id:
    'purchaseid orderid orderno ordernumber invoiceno invoiceid invoicenumber transactionid transactionno txnid paymentid saleid receiptid receiptno receiptnumber order invoice id bestellnr bestellnummer bestellid auftragsnr auftragsnummer rechnungsnr rechnungsnummer belegnr belegnummer numerocommande numcommande commande numerofacture facture numeropedido pedido factura numeroordine ordine fattura bestelnummer ordernummer factuurnummer',
  purchase_date:
    'purchasedate orderdate invoicedate transactiondate saledate salesdate paymentdate purchasedat orderedat paidat createdat createdon created datetime timestamp date bestelldatum auftragsdatum rechnungsdatum belegdatum kaufdatum datum datecommande datefacture dateachat fechapedido fechacompra fecha dataordine dataacquisto data besteldatum factuurdatum',
  amount:
    'amount totalamount amounttotal total ordertotal grandtotal totalprice purchaseamount orderamount invoiceamount invoicetotal linetotal salesamount amountpaid totalpaid paidamount gross revenue sales totalvalue amountvalue betrag gesamtbetrag gesamtsumme rechnungsbetrag summe gesamt brutto montant montanttotal montantttc totalttc importe importetotal importo totale bedrag totaalbedrag totaal',
  currency:
    'currency currencycode ordercurrency currencyiso isocurrency ccy totalcurrency amountcurrency pricecurrency wahrung waehrung devise moneda divisa valuta',
  updated_at:
    'updatedat updatedon updated updateddate lastupdated lastupdatedat modifiedat modified lastmodified lastmodifieddate modifieddate',
  operation:
    'operation status orderstatus paymentstatus financialstatus transactionstatus changetype op action eventtype type state',
  quantity:
    'quantity qty itemquantity lineitemquantity units itemqty menge anzahl quantite cantidad quantita aantal',
  unit_price:
    'unitprice price itemprice priceeach lineitemprice unitamount einzelpreis stuckpreis stueckpreis preis prixunitaire prix preciounitario precio prezzounitario prezzo eenheidsprijs stukprijs prijs',
};

/** Columns whose name fits the target, the plainest name first. */
export function namedColumns(columns: readonly Column[], target: keyof typeof NAMES): Column[] {
  return NAMES[target].split(' ').flatMap((name) => columns.filter(({ plain }) => plain === name));
}
