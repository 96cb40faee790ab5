"""Pictures of 16 x 16 pixels, made with the programs of libheif, libavif and libjxl: no Python package writes such."""

import base64
import zlib

import numpy as np

Y, X = np.mgrid[0:16, 0:16]
RAMPS = np.dstack((X * 17, Y * 17, (X + Y) * 8)).astype(np.uint8)
"""What they show; those of 16 bits 257 times that."""


def unpacked(text):
    return zlib.decompress(base64.b85decode(text))


HEIC_10 = unpacked(
    "c-"
    "muNV30{GsVvAy%}izhg51nBLl8SRGck>UfpJ}KYDppk1Sn>t<P<^K3<a6VB@AeQuOPD|7tCS;Vu8$*M2HdrAY@>$$jr%4W&|=^9DwqS5G{<C"
    "U@V4d2vIoA0oIq9mj*Xg6v#<s0;vG1$tX)UWIz%GD@iZPOaU=(W)>6`0O{?S1<Cn9x*Vw5nURG9?p(PK41fOr`o+M&&#VA6P27Qzhw=Y^kOF"
    "3gITj$2L2eh5gCbB)%ZZT@Rbm2*fWmCutFfkM4>UA3g2WiX1cwrk!QsMquvo%CVgk?>k<8+PRH%&(P>d`l0K)~D6`3FbW-cx+ASIPqkP8cWV"
    "8AdnGBGeQF}Hwaic-"
    "^HL7tMCn+^^*P>{{bg#`H|4aW6so8%TAoUqlY`jNIx5QnyZsnUVne5Pt{N{;_o{=DDtXxp^6{M*>P*UP6>J_!&CopSvA?Y-"
    "|L`(EcgleFKqvAyD5{jB}!*AA|{Yp?(8_mzDIZseUf(_H`my7vEH8QaV_U5cNq_*SI)cg0ofv&Gw&WrTgUyrS?wZ{EG^_4C8ONtnDh;Svgb("
    "P5mm?{(|GugX6F!DN;}"
)
HEIC_12 = unpacked(
    "c-"
    "muNV30{GsVvAy%}izhg51nBLl8SRGck>UfpL9qYDppk1Sn>t<P<^K3<a6VB@AeQuOPD|7tCS;Vu8$*M2HdrAY@>$$jr%4W&|=^9DwqS5G{<C"
    "VJwD82vIoA0oIq9mj*Xg6v#<s0;vG1$tX)UWIz%GD@iZPOaU=(Wfl|_0O=i>1<Cn9x&o-"
    "$nURG9?p(PK41fOr`NP1#&#VA6P27Qzhw=Y^kOF3g85SUtL2eh5gCbB)+li48Rbm2*fI?T$-"
    "O$T1cQ`mC1VDliqCp9$p2LOlV6lXO!~~!<BALYnsZc8&pcq+90EP=PD>6X>%sf0iKuRjJAQu+&z>r~TWMW`qVr~J;6s4xY!aOB2Hys>upfH="
    "23kmZ+4aW6so8(qDPT17lX)hT0Xo6!@^-3|;8-**442AfAs6Vf**}7$WM(qY&-"
    "HPAF=am{JtyyMQ&HIjb#p;|FKhC>13H9{fd)d3TucB7WrJjBE@0=F}ld7MxZTtU!UHJbm8Qbg?(&yg(pAgmX^?FX^ruuWgoU8B2{CDV5_`Co"
    "A|0i#^-raxt!lnOzpKiD}yZ!(G<z|-g"
)
HEIC_TWO = unpacked(
    "c-muNV9-b_sVvAy%}izhg51nBLl8SRGcgUB&A`BPHaE2-"
    "kpTh}Gg5MjplpVM%;XXVG{9GoS&|E8F#)keW=bMNi2x8H=!DFi{A5NT!^MGtg@F;GmFX{x#V`Y?8^(sw91P452J=)Tbu1|AIG{KwGczv@EXo"
    "4JqCie66G#P6O-"
    "5O=Ap?>i*rDk~nJEk?Dw(mVWPz(>oRC>iQ~;z?G7FOPfdXYf)y|B}1@M57`@rz$?~fl04E)RrK=ULV7<m}~{|6~xW|#mXfJkl^lY=5qQp<^v"
    "5lv=+LL=+6SL<dyd*I-"
    "3paCQVCR&t$%Gq2P4;CNn1X?1JSzM3`wa@{Ik;MdHxFEA46C8FN92`T=wJMnfxv&HXjBln!CI%)Z<`xEKrdBov7AE!%ptwe6QED124W?w~rh"
    "`)uBb>(qiBm?4Tu6$XqQSVH%}6ejdBcVcubac0Itssjc2w&;Z15ssbNR1K{`TG0{-2NRX^y_LmhXX^-"
    "RngC1uQCu?msiWy{Aq`|3zG2qv<wJGwa25KR3Ua^t0!5sw&_6*DCWDq=eioI2JE{DtK3N&$nMC>lZ9GcY1O~E~Q#&!ylpl1!YrjSu6eZ<jYW"
    "GnlxL-`GT%-w%5!@ovD6bcPr|C7_9CB0G22Zi~"
)
JXL_ANIMATED = unpacked(
    "c-s5V<;=p&p`pjg!8D1Jfgy&$TcTT(;YyF8#BpvH1_uunfoJ#mv%1+J(h*Q;@nnN{dIF3LRcn+P7<doJ17%qmT)>hIu@C+;2{JfjZMpD+82}=U7|8"
)
JXL_16 = unpacked(
    "c-muNVBqnJ@KNC9YUg5LU=T?wsVvB<$WZ{Y8K5*Lkj?=~{s1zP|8qHiU=E1k;9z28=wSA?aQy0IU-RK_^Xr=mqAEZzC8bM4f-"
    "zAdDRPBG%mM?qqX8K@Y~Nc00}UfI*fiPPC7N9sj(3YEZ#Z$AgMmeWiGxAK?m{Mm$>L597Xe2WK`6nP;tZk$1v?a)IwG`{fD{LeU=n8R@q4mN"
    "mxGC8Nr;ewLjwaN6AK4VgdmtHet~hqr*dh7rBi~uI+^uSLyKJgxqAD}mG)|v*yCg^9q4i>A+;uh@numr<000PJ)PVf;uD^;=_$lGq(|>)DER"
    "xC`60Xfg%2EME4y2j*a0ONR&o"
)
JXL_OF_JPEG = unpacked(
    "c-"
    "muNVBqnJ@KNC9YUg5LU=T?wsVvB<$WZ{Y8KATfkS+l6|8p_x3J5bWFh0&oDoQy}aGRk?fkT&>$w7%>p<CmG)m{t?4krR{HZ8RHuinukc*<hA"
    "$QF4;=NU`+jLtZ`<TH(sH=0v(roov{OQ-0<2IkxDynlZypOz`R)7ZA?cYIIbF_q~#pH6Blw=q6zdb`H>oF%ud$wgP`T9Zqj-nOP!L!)a=uSI"
    "s-n%zvDU2AqL^R%t`-O}5&=JzVO?JOR)O4nID>U7up`D99X-p{8q(&cu&SUfpy*UROL=T*Jgbl$J}?Y8@U)$a~++uM9RDqU~$>7={<-"
    "!E6f^Z$Omk<MTD<59nV-Op$9`|EyvIIjQy&zI}@|Ns7Y{(pVKs#Pp-f9ZF$1i3{n7wP=iFyZV9$2QN>1q-V-JiO!FCmAq-"
    "U#jRrBD<Mb<g*p`-yZIhj=CscnfAf6?fZU-$35O=KU1azFWZ?mJO7wv`oea#T^Wn}-"
    "K;WKE?>4QYxVkLR@obmtL@I&eBRAEcjxnEyYqIxKW6>@0IU3*4~KZ|Wj-"
    "EJo?cUQN_+dCqBF+)v0pBF>filxIndv>>}LA%y=AxakK2BK&?-Og$D>|*xt~uKPp_+bwR-!%syCbY<Ntg-sek{^=ZpUKbw8gk-(UCp{c-"
    "#M^^NijD|8sRIT{`?2za@9x-l>^0;3iP8JK}_t({bqpX6GRnI<jEz`#<HEX{5hy=dirVb0Vk5nCEm_%BTR-"
    "z}#p2~^3b0!kkZK*ob;CIJQ)7M>Ik{P&-"
    "afkA?S17si&G&HDoDu?Jl>v})!0yBfiBoPsj8xJI!ubUl{kiC23hM1>e#g^<7B5fU2vI@BcljWW()J$McJ|t>?Bt(EAVUZt$VW>DGLyg9SG^"
    "PV;(-{KJsxml$P3C2QgAd!-"
    "zPG*O3Y0sUb&o;$PInpS!ln*017GHe$`T^1J6agnk4;bv=@IyNm19Xc7lX@rrURMt7#LWA$u^Dw9XKem7Uf2U_4IW0_Vi5b+Sn7Q`{{e=&TO"
    "{DX-||_a9&Gt^E{Jt$>#2go2peioCEfMR0)uCs0_-wsnsHV>yn1m_qiEwgjej#Z^&i_01x|YIs"
)
AVIF_CUT = unpacked(
    "c-muNU{FXasVqn=%S>Yc0uY^>nP!-qnV9D5Xz0kmz^I>_T9U{B0U8-8IYm%5LqTS82?G+y$xMP7!&i`5k_#4O1Y)_&ocv@E#|6Y^gorYR1F;"
    "Xt%*@QZG`LzRASaax%1bOWFm%q($p>4xJhPyv07$oH79{5bX_3t0f>fy00x(>VS&<16VCLfD0#ZDQWrog;3JxG4;pF_BqP*ms3ZTin3=9n*t"
    "CMpQK}K>wEoXz$VC(<?|Nj@t=gch1FM%*}Gm9Y3EXaig3eZdJj7-fet!?c<PDpM_Vu=s~7l#GU{~HIK9XO2kG69`d_`2|I`HVLk-`wu4^6mB"
    "CHSt^pH~+i`&!!~jG+ch@yr!$>=}UvWDK+z?CKTB)w0YFl|NrZC_xMb+?CM$9*6*_w6ne<nrjaThEAwb(?(MM4QE!wc7X@0H&$I85FZ<KjtI"
    "E3ak;3^MC#9MFjN-q47XPa>*;MwElh+)hdVk^XuWtT$&fZ-p@Oj(m4fO|gO|_&X{vJ7)Hg8@3zsDO7EO?(UY}*ziw|LX@Oo5jt-oH4pa@%Id"
    "wa&(VCD{(4`MxV`S1uP2nZM=og=abns&=_M;%)~oXjl=t_Qh2VuXBs*Jql8j^8L=K`8?kk+?h1<Ni<vEj_cCq2Lq0Eoai{I_N?k<ncmDlEDI"
    "J~chGE}{A=^h>`g4HCn`#ckFK2h=f}&=UmdTnhG(W;3!S9YbK#MLir?xvJN}*YXr5PdeDnJc0DMs8oB"
)
"""10 bits, without loss; 8 x 6 pixels of it are to be seen (4 and 2 from the edges), then turned, then mirrored."""
